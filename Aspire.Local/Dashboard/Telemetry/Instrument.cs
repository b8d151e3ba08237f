namespace Aspire.Dashboard.Telemetry;

public enum InstrumentKind
{
    /// <summary>What it is now.</summary>
    Gauge,

    /// <summary>A sum that may fall.</summary>
    UpDownCounter,

    /// <summary>A sum that only grows: shown as a rate.</summary>
    Counter,

    Histogram,
}

/// <summary>Whose instrument it is, and its name.</summary>
public readonly record struct InstrumentKey(TelemetrySource Source, string Meter, string Name);

/// <summary>An instrument with its points, by dimension. The store guards it.</summary>
internal sealed class Instrument(InstrumentKey key, string unit, string description, InstrumentKind kind, bool isCumulative)
{
    private readonly Queue<Series> inOrderOfComing = new();

    public InstrumentKey Key { get; } = key;

    public string Unit { get; } = unit;

    public string Description { get; } = description;

    public InstrumentKind Kind { get; } = kind;

    /// <summary>Whether a point counts since the start, not since the last point.</summary>
    public bool IsCumulative { get; } = isCumulative;

    /// <summary>By the attributes' bytes.</summary>
    public Dictionary<string, Series> Dimensions { get; } = [];

    public int Points => inOrderOfComing.Count;

    public void Add(Series series, MetricPoint point)
    {
        series.Points.Enqueue(point);
        inOrderOfComing.Enqueue(series);
    }

    /// <returns>The bytes that it took; 0 where there is none.</returns>
    public int RemoveOldest()
    {
        if (!inOrderOfComing.TryDequeue(out var series))
            return 0;
        var point = series.Points.Dequeue();
        if (series.Points.Count == 0)
            Dimensions.Remove(series.Id);
        return point.Bytes;
    }
}

/// <summary>The points of one set of attributes, the oldest first.</summary>
internal sealed class Series(string id, IReadOnlyList<KeyValuePair<string, string>> attributes)
{
    public string Id { get; } = id;

    public IReadOnlyList<KeyValuePair<string, string>> Attributes { get; } = attributes;

    public Queue<MetricPoint> Points { get; } = new();

    public MetricPoint? Last { get; set; }
}

/// <summary>A value, for as long as it did not change.</summary>
/// <param name="Start">Nanoseconds since 1970.</param>
/// <param name="Value">The value; of a histogram the sum of what was measured.</param>
/// <param name="Count">Of a histogram: how often was measured.</param>
/// <param name="Bounds">Of a histogram: the upper bounds of its buckets but the last, which has none.</param>
/// <param name="Buckets">Of a histogram: how often each was met.</param>
internal sealed record MetricPoint(long Start, double Value, ulong Count, double[] Bounds, ulong[] Buckets)
{
    private const int Overhead = 96;

    /// <summary>Nanoseconds since 1970.</summary>
    public long End { get; set; } = Start;

    public int Bytes => Overhead + 8 * Buckets.Length;

    public bool IsAlike(MetricPoint other) => Value.Equals(other.Value) && Count == other.Count && Buckets.AsSpan().SequenceEqual(other.Buckets);
}
