using Sluice.Contracts.Traffic;

namespace Sluice.Gateway.Traffic;

internal sealed record DecisionSum(string Route, string Policy, string Strategy, string Outcome, long Requests, long Measured, long Limits, long Remaining);

internal sealed record LatencySum(string Route, int Bucket, long Requests);

internal sealed record PointSum(DateTime At, string Outcome, long Requests);

/// <summary>Figures of some decisions.</summary>
internal sealed class TrafficSums
{
    private readonly long[] requests = new long[Outcomes.Names.Count];

    public TrafficSums(IEnumerable<DecisionSum> decisions)
    {
        foreach (var decision in decisions)
        {
            requests[Outcomes.NumberOf(decision.Outcome)] += decision.Requests;
            (Measured, Limits, Remaining) = (Measured + decision.Measured, Limits + decision.Limits, Remaining + decision.Remaining);
        }
    }

    public long this[Outcome outcome] => requests[(int)outcome];

    public long Total => requests.Sum();

    public long Blocked => this[Outcome.Blocked] + this[Outcome.FailedClosed];

    public long Allowed => Total - Blocked;

    public double BlockRate => Total == 0 ? 0 : (double)Blocked / Total;

    private long Measured { get; }

    private long Limits { get; }

    private long Remaining { get; }

    public static IReadOnlyList<RouteTraffic> RoutesOf(IEnumerable<DecisionSum> decisions, IReadOnlyCollection<LatencySum> latencies)
    {
        var byRoute = latencies.ToLookup(latency => latency.Route, StringComparer.Ordinal);
        return [.. decisions.GroupBy(decision => (decision.Route, decision.Policy, decision.Strategy))
            .Select(same => new TrafficSums(same).ToRoute(same.Key.Route, same.Key.Policy, same.Key.Strategy, LatencyOf(byRoute[same.Key.Route])))
            .OrderByDescending(route => route.Total).ThenBy(route => route.Route, StringComparer.Ordinal)];
    }

    public static LatencySnapshot? LatencyOf(IEnumerable<LatencySum> latencies)
    {
        var counts = new long[LatencyScale.Buckets];
        foreach (var latency in latencies.Where(latency => latency.Bucket < counts.Length))
            counts[latency.Bucket] += latency.Requests;
        return LatencyScale.PercentileMs(counts, 0.5) is { } half && LatencyScale.PercentileMs(counts, 0.99) is { } most
            ? new(Math.Round(half, 3), Math.Round(most, 3))
            : null;
    }

    public static TrafficSeries SeriesOf(IReadOnlyCollection<PointSum> sums, DateTimeOffset from, DateTimeOffset to, int stepSeconds)
    {
        var counts = sums.ToDictionary(sum => (sum.At, sum.Outcome), sum => sum.Requests);
        List<TrafficPoint> points = [];
        for (var at = from; at < to; at = at.AddSeconds(stepSeconds))
        {
            var (shadow, failedOpen, failedClosed) = (Of(Outcome.Shadow), Of(Outcome.FailedOpen), Of(Outcome.FailedClosed));
            points.Add(new(at, Of(Outcome.Allowed) + shadow + failedOpen, Of(Outcome.Blocked) + failedClosed, shadow, failedOpen, failedClosed));

            long Of(Outcome outcome) => counts.GetValueOrDefault((at.UtcDateTime, Outcomes.Names[(int)outcome]));
        }

        return new(stepSeconds, points);
    }

    private RouteTraffic ToRoute(string route, string policy, string strategy, LatencySnapshot? latency) => new(
        route, policy, strategy, Total, Allowed, Blocked, BlockRate, this[Outcome.Shadow], this[Outcome.FailedOpen], this[Outcome.FailedClosed],
        Average(Limits), Average(Remaining), latency);

    private double? Average(long sum) => Measured == 0 ? null : Math.Round((double)sum / Measured, 2);
}
