using Aspire.Dashboard.Telemetry;

namespace Aspire.Dashboard.Otlp;

/// <summary>Reads ExportTraceServiceRequest. One thread's.</summary>
/// <remarks>https://github.com/open-telemetry/opentelemetry-proto, trace/v1/trace.proto</remarks>
internal sealed class TraceReader(ExportReader export, Names names, TelemetryLimits limits)
{
    private const ulong ErrorStatus = 2;

    /// <exception cref="InvalidDataException">It is something else.</exception>
    public void Read(ReadOnlySpan<byte> request, List<SpanRecord> spans) =>
        export.Read(request, (record, source, scope) => spans.Add(ReadSpan(record, source, scope)));

    private SpanRecord ReadSpan(ReadOnlySpan<byte> message, TelemetrySource source, string scope)
    {
        UInt128 trace = 0;
        ulong id = 0, parent = 0, kind = 0, start = 0, end = 0;
        var name = "";
        var isError = false;
        var reader = new WireReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: trace = Ids.Trace(reader.Bytes()); break;
                case 2: id = Ids.Span(reader.Bytes()); break;
                case 4: parent = Ids.Span(reader.Bytes()); break;
                case 5: name = names.Get(reader.Bytes()); break;
                case 6: kind = reader.Varint(); break;
                case 7: start = reader.Fixed64(); break;
                case 8: end = reader.Fixed64(); break;
                case 15: isError = ReadStatus(reader.Bytes()); break;
                default: reader.Skip(); break;
            }
        }

        return new SpanRecord
        {
            TraceId = trace,
            Id = id,
            ParentId = parent,
            Name = name,
            Source = source,
            Scope = scope,
            Kind = kind <= (ulong)SpanKind.Consumer ? (SpanKind)kind : SpanKind.Unspecified,
            IsError = isError,
            Start = (long)start,
            End = Math.Max((long)start, (long)end),
            Message = Kept.Of(message, limits.MaxRecordBytes),
        };
    }

    private static bool ReadStatus(ReadOnlySpan<byte> status)
    {
        var reader = new WireReader(status);
        var isError = false;
        while (reader.NextOf(3))
            isError = reader.Varint() == ErrorStatus;
        return isError;
    }
}
