using System.Text;
using Aspire.Dashboard.Telemetry;

namespace Aspire.Dashboard.Otlp;

/// <summary>What of a span is read only when somebody looks at it.</summary>
internal sealed record SpanParts(string Status, IReadOnlyList<SpanEvent> Events, IReadOnlyList<SpanLink> Links)
{
    /// <param name="span">OTLP's Span.</param>
    public static SpanParts Read(ReadOnlySpan<byte> span)
    {
        var status = "";
        List<SpanEvent> events = [];
        List<SpanLink> links = [];
        var reader = new WireReader(span);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 11: events.Add(ReadEvent(reader.Bytes())); break;
                case 13: links.Add(ReadLink(reader.Bytes())); break;
                case 15: status = ReadStatus(reader.Bytes()); break;
                default: reader.Skip(); break;
            }
        }
        return new SpanParts(status, events, links);
    }

    private static SpanEvent ReadEvent(ReadOnlySpan<byte> message)
    {
        var (time, name) = (0UL, "");
        var reader = new WireReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: time = reader.Fixed64(); break;
                case 2: name = Encoding.UTF8.GetString(reader.Bytes()); break;
                default: reader.Skip(); break;
            }
        }
        return new SpanEvent((long)time, name, KeyValues.Read(message, 3));
    }

    private static SpanLink ReadLink(ReadOnlySpan<byte> message)
    {
        var (trace, span) = ((UInt128)0, 0UL);
        var reader = new WireReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: trace = Ids.Trace(reader.Bytes()); break;
                case 2: span = Ids.Span(reader.Bytes()); break;
                default: reader.Skip(); break;
            }
        }
        return new SpanLink(trace, span);
    }

    private static string ReadStatus(ReadOnlySpan<byte> message)
    {
        var reader = new WireReader(message);
        while (reader.Next())
        {
            if (reader.Field == 2)
                return Encoding.UTF8.GetString(reader.Bytes());
            reader.Skip();
        }
        return "";
    }
}

internal sealed record SpanEvent(long Time, string Name, IReadOnlyList<KeyValuePair<string, string>> Attributes);

internal sealed record SpanLink(UInt128 TraceId, ulong SpanId);
