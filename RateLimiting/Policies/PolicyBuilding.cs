namespace Sluice.RateLimiting;

/// <summary>Defines a policy's tiers in code. Each adds one limit; all of them hold together.</summary>
public static class PolicyBuilding
{
    /// <summary>At most so many units in any window, exactly.</summary>
    public static PolicyOptions SlidingWindow(this PolicyOptions policy, int permits, TimeSpan window, string? name = null) =>
        policy.Add(RateLimitAlgorithm.SlidingWindow, permits, window, name);

    /// <summary>At most so many units in any window, approximately, with two numbers per key.</summary>
    public static PolicyOptions SlidingWindowCounter(this PolicyOptions policy, int permits, TimeSpan window, string? name = null) =>
        policy.Add(RateLimitAlgorithm.SlidingWindowCounter, permits, window, name);

    /// <summary>At most so many units in each window; windows are counted from the Unix epoch.</summary>
    public static PolicyOptions FixedWindow(this PolicyOptions policy, int permits, TimeSpan window, string? name = null) =>
        policy.Add(RateLimitAlgorithm.FixedWindow, permits, window, name);

    /// <summary>A bucket of <paramref name="burst"/> tokens (<paramref name="permits"/> by default) that gains so many per window.</summary>
    public static PolicyOptions TokenBucket(this PolicyOptions policy, int permits, TimeSpan window, int? burst = null, string? name = null) =>
        policy.Add(RateLimitAlgorithm.TokenBucket, permits, window, name, burst);

    /// <summary>A level of at most <paramref name="burst"/> (<paramref name="permits"/> by default) that drains so many per window.</summary>
    public static PolicyOptions LeakyBucket(this PolicyOptions policy, int permits, TimeSpan window, int? burst = null, string? name = null) =>
        policy.Add(RateLimitAlgorithm.LeakyBucket, permits, window, name, burst);

    /// <summary>So many units per window, evenly spaced but for <paramref name="burst"/> of them (<paramref name="permits"/> by default).</summary>
    public static PolicyOptions Gcra(this PolicyOptions policy, int permits, TimeSpan window, int? burst = null, string? name = null) =>
        policy.Add(RateLimitAlgorithm.Gcra, permits, window, name, burst);

    /// <summary>At most so many units in use at once; the lease of a holder that has died ends after <paramref name="lease"/>.</summary>
    public static PolicyOptions Concurrency(this PolicyOptions policy, int permits, TimeSpan lease, string? name = null) =>
        policy.Add(RateLimitAlgorithm.Concurrency, permits, lease, name);

    /// <summary>Other limits for somebody.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="name">Who: see <see cref="RateLimitPolicy.For"/>.</param>
    /// <param name="define">Defines the tiers in place of the policy's own.</param>
    public static PolicyOptions Override(this PolicyOptions policy, string name, Action<PolicyOptions> define)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(define);
        var own = new PolicyOptions();
        define(own);
        var other = new OverrideOptions();
        foreach (var tier in own.Tiers)
            other.Tiers.Add(tier);
        policy.Overrides.Add(name, other);
        return policy;
    }

    /// <summary>No limit for somebody: see <see cref="RateLimitPolicy.For"/>.</summary>
    public static PolicyOptions Unlimited(this PolicyOptions policy, string name)
    {
        ArgumentNullException.ThrowIfNull(policy);
        policy.Overrides.Add(name, new OverrideOptions { Unlimited = true });
        return policy;
    }

    private static PolicyOptions Add(
        this PolicyOptions policy, RateLimitAlgorithm algorithm, int permits, TimeSpan window, string? name, int? burst = null)
    {
        ArgumentNullException.ThrowIfNull(policy);
        policy.Tiers.Add(new TierOptions { Algorithm = algorithm, Permits = permits, Window = window, Burst = burst, Name = name });
        return policy;
    }
}
