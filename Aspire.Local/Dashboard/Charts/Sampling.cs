using Aspire.Dashboard.Telemetry;

namespace Aspire.Dashboard.Charts;

/// <summary>What a series was at, or did in, each step of a frame. NaN: nothing is known.</summary>
internal static class Sampling
{
    /// <summary>The value that stood at the end of each step.</summary>
    public static double[] Values(IReadOnlyList<MetricPoint> points, ChartFrame frame) =>
        [.. At(points, frame).Skip(1).Select(point => point?.Value ?? double.NaN)];

    /// <summary>By how much a sum grew per second in each step.</summary>
    public static double[] Rates(IReadOnlyList<MetricPoint> points, bool isCumulative, ChartFrame frame)
    {
        var seconds = frame.Step / 1e9;
        return [.. Steps(points, isCumulative, frame).Select(step => step.To is null ? double.NaN : Growth(step.From?.Value, step.To.Value) / seconds)];
    }

    /// <summary>The measurements of each step, by bucket; null where there were none.</summary>
    public static double[]?[] Buckets(IReadOnlyList<MetricPoint> points, bool isCumulative, ChartFrame frame) => [.. Steps(points, isCumulative, frame).Select(Difference)];

    /// <summary>The value that a share of the measurements does not exceed, estimated within its bucket.</summary>
    /// <param name="buckets">How many measurements each has.</param>
    /// <param name="bounds">The upper bounds of all but the last.</param>
    /// <param name="share">0.5 for the median.</param>
    public static double Quantile(double[] buckets, double[] bounds, double share)
    {
        var all = buckets.Sum();
        if (all == 0)
            return double.NaN;
        var wanted = share * all;
        var before = 0d;
        for (var index = 0; index < buckets.Length; index++)
        {
            if (buckets[index] > 0 && before + buckets[index] >= wanted)
            {
                var lower = index == 0 ? 0 : bounds[index - 1];
                // The last bucket has no end: what is known is where it begins.
                return index == bounds.Length ? lower : lower + (bounds[index] - lower) * (wanted - before) / buckets[index];
            }
            before += buckets[index];
        }
        return bounds.LastOrDefault();
    }

    private static double[]? Difference((MetricPoint? From, MetricPoint? To) step)
    {
        if (step.To is not { } to || (step.From is { } same && same.Count == to.Count))
            return null;
        // A service that has started anew counts from nought.
        var from = step.From is { } point && point.Count <= to.Count && point.Buckets.Length == to.Buckets.Length ? point : null;
        return [.. to.Buckets.Select((count, index) => (double)count - (from?.Buckets[index] ?? 0))];
    }

    private static double Growth(double? from, double to) => from is { } before && before <= to ? to - before : from is null ? 0 : to;

    private static IEnumerable<(MetricPoint? From, MetricPoint? To)> Steps(IReadOnlyList<MetricPoint> points, bool isCumulative, ChartFrame frame)
    {
        var at = At(points, frame);
        for (var step = 0; step < frame.Steps; step++)
            yield return isCumulative ? (at[step], at[step + 1]) : (null, at[step] == at[step + 1] ? null : at[step + 1]);
    }

    /// <summary>The point that stood at the start, and at the end of each step.</summary>
    private static MetricPoint?[] At(IReadOnlyList<MetricPoint> points, ChartFrame frame)
    {
        var at = new MetricPoint?[frame.Steps + 1];
        var next = 0;
        // Who has been silent for that long has gone.
        var patience = Math.Max(3 * frame.Step, 15_000_000_000);
        for (var step = 0; step <= frame.Steps; step++)
        {
            var time = frame.Start + step * frame.Step;
            while (next < points.Count && points[next].Start <= time)
                next++;
            at[step] = next > 0 && points[next - 1].End + patience >= time ? points[next - 1] : null;
        }
        return at;
    }
}
