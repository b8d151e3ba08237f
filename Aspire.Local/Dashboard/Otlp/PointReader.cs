using System.Runtime.InteropServices;
using System.Text;
using Aspire.Dashboard.Telemetry;

namespace Aspire.Dashboard.Otlp;

/// <summary>Reads NumberDataPoint and HistogramDataPoint. One thread's.</summary>
internal sealed class PointReader(TelemetryLimits limits)
{
    private const int NumberAttributes = 7;
    private const int HistogramAttributes = 9;

    // Instruments of a kind share their bounds.
    private readonly Dictionary<string, double[]> knownBounds = [];

    public IncomingPoint ReadNumber(ReadOnlySpan<byte> message, IncomingPoint template)
    {
        var time = 0UL;
        var value = 0d;
        var attributes = new AttributeBytes(limits.MaxRecordBytes);
        var reader = new WireReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 3: time = reader.Fixed64(); break;
                case 4: value = reader.Double(); break;
                case 6: value = (long)reader.Fixed64(); break;
                case NumberAttributes: attributes.Add(reader.Skip()); break;
                default: reader.Skip(); break;
            }
        }
        return Fill(template, attributes, NumberAttributes, new MetricPoint((long)time, value, 0, [], []));
    }

    public IncomingPoint ReadHistogram(ReadOnlySpan<byte> message, IncomingPoint template)
    {
        ulong time = 0, count = 0;
        var sum = 0d;
        ulong[] buckets = [];
        double[] bounds = [];
        var attributes = new AttributeBytes(limits.MaxRecordBytes);
        var reader = new WireReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 3: time = reader.Fixed64(); break;
                case 4: count = reader.Fixed64(); break;
                case 5: sum = reader.Double(); break;
                case 6: buckets = Numbers<ulong>(reader.Bytes()).ToArray(); break;
                case 7: bounds = BoundsOf(reader.Bytes()); break;
                case HistogramAttributes: attributes.Add(reader.Skip()); break;
                default: reader.Skip(); break;
            }
        }
        return Fill(template, attributes, HistogramAttributes, new MetricPoint((long)time, sum, count, bounds, buckets));
    }

    private static IncomingPoint Fill(IncomingPoint template, AttributeBytes attributes, int field, MetricPoint point)
    {
        var bytes = attributes.ToArray();
        return template with { SeriesId = Encoding.Latin1.GetString(bytes), Attributes = () => KeyValues.Read(bytes, field), Point = point };
    }

    private double[] BoundsOf(ReadOnlySpan<byte> packed)
    {
        var id = Encoding.Latin1.GetString(packed);
        if (knownBounds.TryGetValue(id, out var bounds))
            return bounds;
        if (knownBounds.Count == 1_000)
            knownBounds.Clear();
        return knownBounds[id] = Numbers<double>(packed).ToArray();
    }

    private ReadOnlySpan<T> Numbers<T>(ReadOnlySpan<byte> packed)
        where T : struct =>
        packed.Length <= limits.MaxRecordBytes && packed.Length % 8 == 0 ? MemoryMarshal.Cast<byte, T>(packed) : throw new InvalidDataException("A histogram has too many buckets.");

    /// <summary>The attributes of a point as they came: what tells dimensions apart.</summary>
    private sealed class AttributeBytes(int max)
    {
        private readonly List<byte> bytes = [];

        public void Add(ReadOnlySpan<byte> field)
        {
            if (bytes.Count + field.Length <= max)
                bytes.AddRange(field);
        }

        public byte[] ToArray() => [.. bytes];
    }
}
