using System.Diagnostics.Metrics;

namespace Sluice.RateLimiting.Redis;

/// <summary>Metrics of the limiter. Partitions are no tags: there is no end of them.</summary>
internal sealed class LimiterMetrics(IMeterFactory meters)
{
    public const string Granted = "granted";
    public const string Refused = "refused";
    public const string StoreAway = "store_away";

    private readonly Counter<long> decisions = meters.Create("Sluice.RateLimiting")
        .CreateCounter<long>("sluice.rate_limiter.decisions", "{decision}", "Decisions of the limiter, by policy and result");

    public void Count(RateLimitPolicy policy, string result, long number)
    {
        if (number > 0)
            decisions.Add(number, new("policy", policy.Name), new("result", result));
    }
}
