using System.Buffers.Binary;
using System.Globalization;

namespace Aspire.Dashboard.Telemetry;

/// <summary>Ids of traces and spans: numbers within, hex outside.</summary>
internal static class Ids
{
    public static UInt128 Trace(ReadOnlySpan<byte> id) => id.Length == 16 ? BinaryPrimitives.ReadUInt128BigEndian(id) : 0;

    public static ulong Span(ReadOnlySpan<byte> id) => id.Length == 8 ? BinaryPrimitives.ReadUInt64BigEndian(id) : 0;

    public static string Format(UInt128 trace) => trace.ToString("x32", CultureInfo.InvariantCulture);

    public static string Format(ulong span) => span.ToString("x16", CultureInfo.InvariantCulture);

    public static UInt128 ParseTrace(string? text) =>
        UInt128.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var id) ? id : 0;

    public static ulong ParseSpan(string? text) =>
        ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var id) ? id : 0;
}
