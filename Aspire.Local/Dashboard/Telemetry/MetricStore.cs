namespace Aspire.Dashboard.Telemetry;

/// <summary>A point on its way into the store.</summary>
internal sealed record IncomingPoint(
    InstrumentKey Key, string Unit, string Description, InstrumentKind Kind, bool IsCumulative,
    string SeriesId, Func<IReadOnlyList<KeyValuePair<string, string>>> Attributes, MetricPoint Point);

/// <summary>
/// Keeps points within their bounds: an instrument's oldest go first, and where all together are too many, those of the instrument that has most.
/// A value that stays the same is one point. Thread-safe.
/// </summary>
internal sealed class MetricStore(TelemetryLimits limits, Changes changes)
{
    private const int MaxInstruments = 2_000;
    private const int MaxSeriesPerInstrument = 2_000;

    private readonly Lock sync = new();
    private readonly Dictionary<InstrumentKey, Instrument> instruments = [];
    private long bytes;

    public long Bytes
    {
        get
        {
            lock (sync)
                return bytes;
        }
    }

    /// <returns>How many of them were not kept: there are too many instruments or dimensions.</returns>
    public int Add(IReadOnlyList<IncomingPoint> points)
    {
        var notKept = 0;
        lock (sync)
        {
            foreach (var point in points)
                notKept += Add(point) ? 0 : 1;
        }
        if (points.Count > 0)
            changes.Report(Topic.Metrics);
        return notKept;
    }

    public IReadOnlyList<InstrumentSummary> Instruments()
    {
        lock (sync)
            return [.. instruments.Values.Select(instrument => new InstrumentSummary(instrument.Key, instrument.Unit, instrument.Description, instrument.Kind))];
    }

    /// <summary>An instrument's points since a time (nanoseconds since 1970), and the last before it, by dimension.</summary>
    /// <returns>Null: there is no such instrument.</returns>
    public InstrumentDetail? Find(InstrumentKey key, long since)
    {
        lock (sync)
        {
            if (!instruments.TryGetValue(key, out var instrument))
                return null;
            return new InstrumentDetail(
                new InstrumentSummary(key, instrument.Unit, instrument.Description, instrument.Kind),
                instrument.IsCumulative,
                instrument.Points,
                [.. instrument.Dimensions.Values.Select(series => new SeriesDetail(series.Attributes, Since(series, since)))]);
        }
    }

    private static List<MetricPoint> Since(Series series, long since)
    {
        var points = series.Points.ToArray();
        var first = Array.FindIndex(points, point => point.End >= since);
        // Copies: a point's end still moves.
        return first < 0 ? [] : [.. points.Skip(Math.Max(0, first - 1)).Select(point => point with { })];
    }

    private bool Add(IncomingPoint incoming)
    {
        if (!instruments.TryGetValue(incoming.Key, out var instrument))
        {
            if (instruments.Count == MaxInstruments)
                return false;
            instruments.Add(incoming.Key, instrument = new Instrument(incoming.Key, incoming.Unit, incoming.Description, incoming.Kind, incoming.IsCumulative));
        }
        if (!instrument.Dimensions.TryGetValue(incoming.SeriesId, out var series))
        {
            if (instrument.Dimensions.Count == MaxSeriesPerInstrument)
                return false;
            instrument.Dimensions.Add(incoming.SeriesId, series = new Series(incoming.SeriesId, incoming.Attributes()));
        }

        if (series.Last is { } last && instrument.IsCumulative && last.IsAlike(incoming.Point))
        {
            last.End = Math.Max(last.End, incoming.Point.Start);
            return true;
        }

        series.Last = incoming.Point;
        instrument.Add(series, incoming.Point);
        bytes += incoming.Point.Bytes;
        if (instrument.Points > limits.MaxMetricsCount)
            bytes -= instrument.RemoveOldest();
        if (bytes > limits.MaxMetricBytes)
            MakeRoom();
        return true;
    }

    private void MakeRoom()
    {
        var largest = instruments.Values.MaxBy(instrument => instrument.Points)!;
        for (var points = largest.Points / 10 + 1; points > 0; points--)
            bytes -= largest.RemoveOldest();
    }
}

public sealed record InstrumentSummary(InstrumentKey Key, string Unit, string Description, InstrumentKind Kind);

internal sealed record SeriesDetail(IReadOnlyList<KeyValuePair<string, string>> Attributes, IReadOnlyList<MetricPoint> Points);

internal sealed record InstrumentDetail(InstrumentSummary Instrument, bool IsCumulative, int Points, IReadOnlyList<SeriesDetail> Dimensions);
