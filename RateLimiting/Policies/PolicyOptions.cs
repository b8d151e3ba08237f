namespace Sluice.RateLimiting;

/// <summary>One policy: who is counted, what a call costs, which limits hold together, and what happens when Redis is away.</summary>
public sealed class PolicyOptions
{
    /// <summary>
    /// What the caller partitions by, <c>Client</c> by default. The library doesn't read it: whoever calls
    /// <see cref="PolicyRateLimiter.AcquireAsync(string, string, int, CancellationToken)"/> turns it into the partition's key.
    /// </summary>
    public string Partition { get; set; } = "Client";

    /// <summary>Units that one permit takes from every tier: 1 (the default) to the smallest tier's capacity.</summary>
    public int Cost { get; set; } = 1;

    /// <summary>What a call is told when Redis doesn't answer; <see cref="StoreFailure.Allow"/> by default.</summary>
    public StoreFailure OnStoreFailure { get; set; } = StoreFailure.Allow;

    /// <summary>
    /// Whether the policy only watches: it decides and counts as ever, but whoever enforces it lets refused calls pass. False by default.
    /// The library reports it (<see cref="RateLimitPolicy.IsShadow"/>); its decisions stay as they are.
    /// </summary>
    public bool Shadow { get; set; }

    /// <summary>
    /// How many callers of one partition may wait in one process for
    /// <see cref="PolicyRateLimiter.WaitAsync(string, string, int, CancellationToken)"/>: 0 to 1,000,000; 1,000 by default. Whoever comes on top
    /// of them is refused at once.
    /// </summary>
    public int QueueLimit { get; set; } = 1000;

    /// <summary>The longest that a caller waits for a slot: 0 to 1 day; 1 minute by default. A slot further away is refused at once.</summary>
    public TimeSpan MaxWait { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The limits, 1 to 8 of them. A call is granted by all of them or charged to none.</summary>
    public IList<TierOptions> Tiers { get; } = [];

    /// <summary>Other limits for some, by the name that <see cref="RateLimitPolicy.For"/> is asked for; names' case doesn't matter.</summary>
    public IDictionary<string, OverrideOptions> Overrides { get; } = new Dictionary<string, OverrideOptions>(StringComparer.OrdinalIgnoreCase);
}

/// <summary>What a policy is for somebody in particular: other tiers, or none.</summary>
public sealed class OverrideOptions
{
    /// <summary>Whether every call is granted, without a look at Redis. No tiers may be named then. False by default.</summary>
    public bool Unlimited { get; set; }

    /// <summary>The limits in place of the policy's own, 1 to 8 of them unless <see cref="Unlimited"/>.</summary>
    public IList<TierOptions> Tiers { get; } = [];
}

/// <summary>What a call is told when Redis is away.</summary>
public enum StoreFailure
{
    /// <summary>Granted: the service behind the limit matters more than the limit.</summary>
    Allow,

    /// <summary>Refused, to be repeated after <see cref="RateLimitDecision.RetryAfter"/>.</summary>
    Deny,

    /// <summary>Limited in this process alone, to its share of every tier: see <see cref="RateLimitOptions.Instances"/>.</summary>
    Local,
}
