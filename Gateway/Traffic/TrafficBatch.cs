namespace Sluice.Gateway.Traffic;

/// <summary>What decisions are summed up by.</summary>
internal readonly record struct RowKey(string Route, string Policy, string Strategy, string Client, Outcome Outcome);

/// <summary>What latencies are summed up by.</summary>
internal readonly record struct LatencyKey(string Route, int Bucket);

/// <summary>What was counted in an interval. Immutable.</summary>
/// <param name="At">The second that it counts for.</param>
/// <param name="Until">When it ended.</param>
internal sealed record TrafficBatch(
    DateTimeOffset At, DateTimeOffset Until, IReadOnlyDictionary<RowKey, Tally> Rows, IReadOnlyDictionary<LatencyKey, long> Latencies)
{
    public long Requests { get; } = Rows.Values.Sum(row => row.Requests);

    public bool IsEmpty => Requests == 0 && Latencies.Count == 0;
}
