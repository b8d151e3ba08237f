namespace Sluice.RateLimiting;

/// <summary>
/// The answer to one call of <see cref="RedisRateLimiter.AcquireAsync"/>. A value that shares what one script call learned
/// with everybody who travelled in it; immutable, thread-safe.
/// </summary>
public readonly struct RateLimitDecision
{
    private readonly KeyReading? reading;
    private readonly long taken;
    private readonly int bindingTier;

    internal RateLimitDecision(KeyReading reading, bool isGranted, long taken, long waitMicroseconds, int bindingTier)
    {
        this.reading = reading;
        this.taken = taken;
        this.bindingTier = bindingTier;
        IsGranted = isGranted;
        RetryAfter = TimeSpan.FromMicroseconds(waitMicroseconds);
    }

    private RateLimitDecision(bool isGranted, TimeSpan retryAfter)
    {
        IsGranted = isGranted;
        RetryAfter = retryAfter;
        bindingTier = -1;
    }

    /// <summary>Whether the call may proceed; if so every tier has been charged, if not none has.</summary>
    public bool IsGranted { get; }

    /// <summary>
    /// Zero when granted. When refused, how long until the same call would be granted if nobody else came: exact to the microsecond
    /// on Redis's clock, so never zero.
    /// </summary>
    public TimeSpan RetryAfter { get; }

    /// <summary>Redis didn't answer, and the policy's <see cref="PolicyOptions.OnStoreFailure"/> decided. <see cref="Tiers"/> is empty then.</summary>
    public bool IsStoreUnavailable => reading is null;

    /// <summary>Every tier's state right after this decision, in the policy's order.</summary>
    public TierStatusList Tiers => new(reading, taken);

    /// <summary>
    /// The tier that matters most to the caller: when refused the one that will hold it back longest, when granted the one with the
    /// fewest units left (the first of them). Null when <see cref="IsStoreUnavailable"/>.
    /// </summary>
    public TierStatus? BindingTier => reading is null ? null : Tiers[bindingTier];

    internal static RateLimitDecision WithoutStore(StoreFailure rule, TimeSpan retryAfter) => rule switch
    {
        StoreFailure.Allow => new(true, TimeSpan.Zero),
        _ => new(false, retryAfter),
    };
}
