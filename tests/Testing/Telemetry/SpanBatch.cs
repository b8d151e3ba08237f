using System.Buffers.Binary;
using System.Text;

namespace Sluice.Testing.Telemetry;

/// <summary>Spans as an exporter sends them: OTLP's ExportTraceServiceRequest.</summary>
public static class SpanBatch
{
    private const int Bytes = 2;
    private const int Fixed64 = 1;

    /// <param name="service">Who sends.</param>
    /// <param name="firstTrace">The number of the first trace; the others follow.</param>
    /// <param name="traces">How many.</param>
    /// <param name="spansPerTrace">The first of each is the parent of the others.</param>
    /// <param name="attributeBytes">Length of the one attribute that each span has.</param>
    public static byte[] Encode(string service, long firstTrace, int traces, int spansPerTrace, int attributeBytes = 64)
    {
        List<byte> scope = [.. Field(1, Field(1, Encoding.UTF8.GetBytes("flood")))];
        for (var trace = firstTrace; trace < firstTrace + traces; trace++)
        {
            for (var span = 0; span < spansPerTrace; span++)
                scope.AddRange(Field(2, Span(trace, span, attributeBytes)));
        }
        var resource = Field(1, Attribute("service.name", service));
        return Field(1, [.. Field(1, resource), .. Field(2, [.. scope])]);
    }

    private static byte[] Span(long trace, int span, int attributeBytes)
    {
        var start = 1_700_000_000_000_000_000 + trace * 1_000 + span;
        return
        [
            .. Field(1, [.. new byte[8], .. BigEndian(trace + 1)]),
            .. Field(2, BigEndian(trace * 100_000 + span + 1)),
            .. span == 0 ? [] : Field(4, BigEndian(trace * 100_000 + 1)),
            .. Field(5, Encoding.UTF8.GetBytes(span == 0 ? "root" : "child")),
            .. Number(7, start), .. Number(8, start + 500_000),
            .. Field(9, Attribute("payload", new string('x', attributeBytes))),
        ];
    }

    private static byte[] Attribute(string key, string value) => [.. Field(1, Encoding.UTF8.GetBytes(key)), .. Field(2, Field(1, Encoding.UTF8.GetBytes(value)))];

    private static byte[] BigEndian(long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] Number(int field, long value)
    {
        var bytes = new byte[9];
        bytes[0] = (byte)(field << 3 | Fixed64);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(1), value);
        return bytes;
    }

    private static byte[] Field(int field, byte[] content)
    {
        List<byte> bytes = [(byte)(field << 3 | Bytes)];
        var length = content.Length;
        for (; length >= 0x80; length >>= 7)
            bytes.Add((byte)(length | 0x80));
        bytes.Add((byte)length);
        return [.. bytes, .. content];
    }
}
