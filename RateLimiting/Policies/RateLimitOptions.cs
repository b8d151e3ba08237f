namespace Sluice.RateLimiting;

/// <summary>
/// The limiter's configuration: policies by name. Bound from a section (<c>RateLimiting</c>) by
/// <c>services.AddRateLimiting(section)</c> and validated when the host starts, all faults at once.
/// </summary>
public sealed class RateLimitOptions
{
    /// <summary>Policies by name; names are compared without regard to case, as configuration keys are.</summary>
    public IDictionary<string, PolicyOptions> Policies { get; } = new Dictionary<string, PolicyOptions>(StringComparer.OrdinalIgnoreCase);

    /// <summary>How long a decision waits for Redis before the policy's rule decides: 10 ms to 30 s; 1 s by default.</summary>
    public TimeSpan StoreTimeout { get; set; } = TimeSpan.FromSeconds(1);
}

/// <summary>One policy: who is counted, what a call costs, which limits hold together, and what happens when Redis is away.</summary>
public sealed class PolicyOptions
{
    /// <summary>
    /// What the caller partitions by, <c>Client</c> by default. The library doesn't read it: whoever calls
    /// <see cref="RedisRateLimiter.AcquireAsync"/> turns it into the partition's key.
    /// </summary>
    public string Partition { get; set; } = "Client";

    /// <summary>Units that one permit takes from every tier: 1 (the default) to the smallest tier's permits.</summary>
    public int Cost { get; set; } = 1;

    /// <summary>What a call is told when Redis doesn't answer; <see cref="StoreFailure.Allow"/> by default.</summary>
    public StoreFailure OnStoreFailure { get; set; } = StoreFailure.Allow;

    /// <summary>The limits, 1 to 16 of them. A call is granted by all of them or charged to none.</summary>
    public IList<TierOptions> Tiers { get; } = [];
}

/// <summary>One limit of a policy.</summary>
public sealed class TierOptions
{
    /// <summary>
    /// A name for headers and logs: letters, digits, <c>-</c>, <c>_</c>, <c>.</c>; unique in its policy.
    /// Left out it is made of the numbers, such as <c>500-per-20s</c>.
    /// </summary>
    public string? Name { get; set; }

    /// <summary>How the tier counts; <see cref="RateLimitAlgorithm.SlidingWindow"/> by default.</summary>
    public RateLimitAlgorithm Algorithm { get; set; } = RateLimitAlgorithm.SlidingWindow;

    /// <summary>Units that the tier grants per window: 1 to 1,000,000.</summary>
    public int Permits { get; set; }

    /// <summary>The window's length: 1 ms to 366 days; the tier counts in microseconds.</summary>
    public TimeSpan Window { get; set; }
}

/// <summary>How a tier counts.</summary>
public enum RateLimitAlgorithm
{
    /// <summary>
    /// The exact sliding window log: at any moment the units granted in the window behind it are at most the tier's permits.
    /// Redis keeps one entry per charge, never more entries than permits.
    /// </summary>
    SlidingWindow,
}

/// <summary>What a call is told when Redis is away.</summary>
public enum StoreFailure
{
    /// <summary>Granted: the service behind the limit matters more than the limit.</summary>
    Allow,

    /// <summary>Refused, to be repeated after <see cref="RateLimitDecision.RetryAfter"/>.</summary>
    Deny,
}
