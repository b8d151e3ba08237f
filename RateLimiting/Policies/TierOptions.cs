namespace Sluice.RateLimiting;

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

    /// <summary>Units that the tier grants per window, or at once where it counts concurrency: 1 to 1,000,000.</summary>
    public int Permits { get; set; }

    /// <summary>
    /// The window's length: 1 ms to 366 days; the tier counts in microseconds. For <see cref="RateLimitAlgorithm.Concurrency"/> how long a lease
    /// outlives a holder that has died.
    /// </summary>
    public TimeSpan Window { get; set; }

    /// <summary>
    /// Units that can be taken at once after a long rest: 1 to 1,000,000; <see cref="Permits"/> by default. Only
    /// <see cref="RateLimitAlgorithm.TokenBucket"/>, <see cref="RateLimitAlgorithm.LeakyBucket"/> and <see cref="RateLimitAlgorithm.Gcra"/> have it.
    /// </summary>
    public int? Burst { get; set; }

    /// <summary>The most units that the tier ever has.</summary>
    internal int Capacity => Burst ?? Permits;
}
