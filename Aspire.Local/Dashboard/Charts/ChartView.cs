using Aspire.Dashboard.Telemetry;

namespace Aspire.Dashboard.Charts;

/// <summary>A line of a chart.</summary>
/// <param name="Name">What it shows.</param>
/// <param name="Values">One per step; NaN: nothing is known.</param>
public sealed record ChartLine(string Name, double[] Values)
{
    public double Last => Values.LastOrDefault(value => !double.IsNaN(value), double.NaN);
}

/// <summary>An instrument over time: lines by dimension, or of a histogram its quantiles.</summary>
/// <param name="Instrument">What is shown.</param>
/// <param name="Unit">Of the values, for people.</param>
/// <param name="Lines">The largest first.</param>
/// <param name="Dimensions">Attributes and the values they have, to choose from.</param>
/// <param name="Frame">The time shown.</param>
/// <param name="Points">How many points are kept.</param>
public sealed record ChartView(
    InstrumentSummary Instrument, string Unit, IReadOnlyList<ChartLine> Lines, IReadOnlyList<(string Name, IReadOnlyList<string> Values)> Dimensions, ChartFrame Frame, int Points)
{
    private const int MaxLines = 10;

    private static readonly (double Share, string Name)[] quantiles = [(0.99, "p99"), (0.9, "p90"), (0.5, "p50")];

    /// <summary>What tells replicas apart.</summary>
    private const string Replica = "resource";

    /// <param name="found">The same instrument, of one or several replicas.</param>
    /// <param name="only">A dimension, as name=value; null or empty: all.</param>
    /// <param name="frame">The time shown.</param>
    internal static ChartView Of(IReadOnlyList<InstrumentDetail> found, string? only, ChartFrame frame)
    {
        var instrument = found[0].Instrument;
        var all = found.SelectMany(detail => detail.Dimensions.Select(series => Named(detail, series, found.Count > 1))).ToList();
        var shown = string.IsNullOrEmpty(only) ? all : all.FindAll(series => series.Attributes.Any(attribute => $"{attribute.Key}={attribute.Value}" == only));
        IReadOnlyList<ChartLine> lines = instrument.Kind switch
        {
            InstrumentKind.Histogram => Quantiles(shown, frame),
            InstrumentKind.Counter => ByDimension(shown, series => Sampling.Rates(series.Points, series.IsCumulative, frame)),
            _ => ByDimension(shown, series => Sampling.Values(series.Points, frame)),
        };
        return new ChartView(instrument, UnitOf(instrument), lines, Choices(all), frame, found.Sum(detail => detail.Points));
    }

    private static NamedSeries Named(InstrumentDetail detail, SeriesDetail series, bool byReplica) => new(
        byReplica ? [new(Replica, detail.Instrument.Key.Source.Name), .. series.Attributes] : series.Attributes, series.Points, detail.IsCumulative);

    private static List<ChartLine> ByDimension(List<NamedSeries> shown, Func<NamedSeries, double[]> sample)
    {
        var lines = shown.Select(series => new ChartLine(series.Name, sample(series))).OrderByDescending(line => double.IsNaN(line.Last) ? double.MinValue : line.Last).ToList();
        if (lines.Count <= MaxLines)
            return lines;
        var rest = lines[(MaxLines - 1)..];
        var sum = Enumerable.Range(0, rest[0].Values.Length).Select(step => rest.Sum(line => double.IsNaN(line.Values[step]) ? 0 : line.Values[step]));
        return [.. lines[..(MaxLines - 1)], new ChartLine($"the other {rest.Count} together", [.. sum])];
    }

    private static List<ChartLine> Quantiles(List<NamedSeries> shown, ChartFrame frame)
    {
        var bounds = shown.SelectMany(series => series.Points).Select(point => point.Bounds).FirstOrDefault() ?? [];
        var all = new double[frame.Steps][];
        foreach (var series in shown.Where(series => series.Points.All(point => point.Bounds.AsSpan().SequenceEqual(bounds))))
        {
            var buckets = Sampling.Buckets(series.Points, series.IsCumulative, frame);
            for (var step = 0; step < frame.Steps; step++)
            {
                if (buckets[step] is { } counts)
                    all[step] = all[step] is { } known ? [.. known.Zip(counts, (one, other) => one + other)] : counts;
            }
        }
        return [.. quantiles.Select(quantile => new ChartLine(
            quantile.Name, [.. all.Select(counts => counts is null ? double.NaN : Sampling.Quantile(counts, bounds, quantile.Share))]))];
    }

    private static List<(string, IReadOnlyList<string>)> Choices(List<NamedSeries> all) =>
        [.. all.SelectMany(series => series.Attributes).GroupBy(attribute => attribute.Key).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => (group.Key, (IReadOnlyList<string>)[.. group.Select(attribute => attribute.Value).Distinct().Order(StringComparer.Ordinal).Take(100)]))];

    private static string UnitOf(InstrumentSummary instrument) => instrument.Unit.Trim('{', '}') switch
    {
        "1" or "" => instrument.Kind == InstrumentKind.Counter ? "per second" : "",
        "By" => instrument.Kind == InstrumentKind.Counter ? "bytes per second" : "bytes",
        "s" => instrument.Kind == InstrumentKind.Counter ? "seconds per second" : "seconds",
        var unit => instrument.Kind == InstrumentKind.Counter ? $"{unit} per second" : unit,
    };

    private sealed record NamedSeries(IReadOnlyList<KeyValuePair<string, string>> Attributes, IReadOnlyList<MetricPoint> Points, bool IsCumulative)
    {
        public string Name => Attributes.Count == 0 ? "all" : string.Join(", ", Attributes.Select(attribute => $"{attribute.Key}={attribute.Value}"));
    }
}
