using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Sluice.RateLimiting.Redis;

/// <summary>Metrics of the limiter. Partitions are no tags: there is no end of them. Thread-safe.</summary>
internal sealed class LimiterMetrics
{
    private readonly ConcurrentDictionary<string, PolicyCounts> policies = new(StringComparer.OrdinalIgnoreCase);
    private readonly Meter meter;

    public LimiterMetrics(IMeterFactory meters)
    {
        meter = meters.Create("Sluice.RateLimiting");
        // Read when they are exported: a refusal is answered in less time than a counter takes.
        meter.CreateObservableCounter("sluice.rate_limiter.decisions", Decisions, "{decision}", "Decisions of the limiter, by policy and result");
        StoreOutages = meter.CreateCounter<long>("sluice.rate_limiter.store.outages", "{outage}", "How often Redis stopped answering the limiter");
    }

    public Counter<long> StoreOutages { get; }

    public void WatchStore(Func<bool> isAvailable) =>
        meter.CreateObservableGauge("sluice.rate_limiter.store.available", () => isAvailable() ? 1 : 0, "{store}", "Whether Redis answers the limiter: 1 or 0");

    public PolicyCounts CountsOf(RateLimitPolicy policy) => policies.GetOrAdd(policy.Name, static _ => new PolicyCounts());

    private IEnumerable<Measurement<long>> Decisions() => policies.SelectMany(policy => policy.Value.Read().Select(count =>
        new Measurement<long>(count.Number, new("policy", policy.Key), new("result", count.Result))));
}

/// <summary>Decisions of one policy since the start. Thread-safe.</summary>
internal sealed class PolicyCounts
{
    private long granted;
    private long refused;
    private long refusedInProcess;
    private long storeAway;

    public void Count(long newlyGranted, long newlyRefused)
    {
        if (newlyGranted > 0)
            Interlocked.Add(ref granted, newlyGranted);
        if (newlyRefused > 0)
            Interlocked.Add(ref refused, newlyRefused);
    }

    public void CountRefusedInProcess() => Interlocked.Increment(ref refusedInProcess);

    public void CountStoreAway() => Interlocked.Increment(ref storeAway);

    public IEnumerable<(string Result, long Number)> Read() =>
        [("granted", granted), ("refused", refused), ("refused_in_process", refusedInProcess), ("store_away", storeAway)];
}
