using System.Diagnostics.Metrics;
using Sluice.Gateway.Limits;

namespace Sluice.Gateway.Traffic;

/// <summary>What GET /metrics says beyond counts and latencies, which <see cref="DecisionMetrics"/> has: read when it is exported. Thread-safe.</summary>
internal sealed class TrafficMetrics
{
    private IReadOnlyList<(string Route, string Policy, Tally Tally)> last = [];

    public TrafficMetrics(IMeterFactory meters, TrafficQueue queue)
    {
        var meter = meters.Create(DecisionMetrics.Meter);
        meter.CreateObservableGauge(
            "sluice.gateway.limit", () => Averages(static tally => tally.Limits), "{request}", "The limit that callers met in the last interval, on average");
        meter.CreateObservableGauge(
            "sluice.gateway.remaining", () => Averages(static tally => tally.Remaining), "{request}", "What they had left of it, on average");
        meter.CreateObservableGauge("sluice.gateway.traffic.pending", () => queue.Pending, "{request}", "Decisions that wait for PostgreSQL");
        meter.CreateObservableCounter("sluice.gateway.traffic.dropped", () => queue.Dropped, "{request}", "Decisions that no figure of /metrics knows of");
    }

    public void Saw(TrafficBatch batch) => Volatile.Write(ref last, [.. batch.Rows
        .GroupBy(row => (row.Key.Route, row.Key.Policy))
        .Select(same => (same.Key.Route, same.Key.Policy, same.Aggregate(default(Tally), static (sum, row) => sum + row.Value)))
        .Where(sum => sum.Item3.Measured > 0)]);

    private IEnumerable<Measurement<double>> Averages(Func<Tally, long> sumOf) => Volatile.Read(ref last).Select(route => new Measurement<double>(
        (double)sumOf(route.Tally) / route.Tally.Measured, new(DecisionMetrics.RouteTag, route.Route), new(DecisionMetrics.PolicyTag, route.Policy)));
}
