namespace Sluice.RateLimiting;

/// <summary>
/// The answer to one call. A value that shares what the limiter learned with everybody who was decided in the same go; immutable,
/// thread-safe. Disposing of it returns the lease where there is one, and does nothing else.
/// </summary>
public readonly struct RateLimitDecision : IAsyncDisposable
{
    private readonly KeyReading? reading;
    private readonly long taken;
    private readonly long elapsed;
    private readonly int units;
    private readonly int bindingTier;
    private readonly long at;
    private readonly IAsyncDisposable? lease;

    internal RateLimitDecision(KeyReading reading, int units, in Verdict verdict, bool isStoreUnavailable = false)
    {
        this.reading = reading;
        this.units = units;
        taken = verdict.Taken;
        elapsed = verdict.ElapsedMicroseconds;
        bindingTier = verdict.BindingTier;
        lease = verdict.Lease;
        at = reading.Now + (verdict.IsGranted ? verdict.WaitMicroseconds : 0);
        Policy = reading.Key.Policy;
        IsGranted = verdict.IsGranted;
        IsStoreUnavailable = isStoreUnavailable;
        RetryAfter = verdict.IsGranted ? TimeSpan.Zero : TimeSpan.FromMicroseconds(verdict.WaitMicroseconds);
    }

    private RateLimitDecision(RateLimitPolicy policy, bool isGranted, bool isStoreUnavailable, TimeSpan retryAfter)
    {
        Policy = policy;
        IsGranted = isGranted;
        IsStoreUnavailable = isStoreUnavailable;
        RetryAfter = retryAfter;
        bindingTier = -1;
    }

    /// <summary>The policy that decided: the override where one was used.</summary>
    public RateLimitPolicy Policy { get; }

    /// <summary>Whether the call may proceed; if so every tier has been charged, if not none has.</summary>
    public bool IsGranted { get; }

    /// <summary>
    /// Zero when granted. When refused, how long until the same call would be granted if nobody else came: exact to the microsecond
    /// on the store's clock, so never zero. Where a tier counts concurrency, a lease may be returned earlier.
    /// </summary>
    public TimeSpan RetryAfter { get; }

    /// <summary>
    /// Redis didn't answer, and the policy's <see cref="PolicyOptions.OnStoreFailure"/> decided. <see cref="Tiers"/> is empty then, or
    /// with <see cref="StoreFailure.Local"/> that of this process.
    /// </summary>
    public bool IsStoreUnavailable { get; }

    /// <summary>Every tier's state right after this decision, in the policy's order.</summary>
    public TierStatusList Tiers => new(reading, taken, elapsed);

    /// <summary>
    /// The tier that matters most to the caller: when refused the one that will hold it back longest, when granted the one with the
    /// fewest units left (the first of them). Null when <see cref="Tiers"/> is empty.
    /// </summary>
    public TierStatus? BindingTier => reading is null ? null : Tiers[bindingTier];

    /// <summary>
    /// Gives the units of a granted call back, for a call that isn't to count after all. What has left its window by now, or was refused,
    /// is not worth anything. A tier that counts concurrency is not refunded: dispose of the decision.
    /// </summary>
    /// <exception cref="RateLimitStoreException">Redis is away.</exception>
    public ValueTask RefundAsync() => IsGranted && units > 0 && reading is not null ? reading.Key.RefundAsync(units, at) : ValueTask.CompletedTask;

    /// <summary>Returns the lease of a granted call; a second time does nothing. Where Redis is away, the lease ends by itself.</summary>
    public ValueTask DisposeAsync() => lease?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>How long a granted call that waits has to wait for its slot.</summary>
    internal TimeSpan Slot => reading is null || !IsGranted ? TimeSpan.Zero : TimeSpan.FromMicroseconds(at - reading.Now);

    internal static RateLimitDecision Unlimited(RateLimitPolicy policy) => new(policy, isGranted: true, isStoreUnavailable: false, TimeSpan.Zero);

    internal static RateLimitDecision WithoutStore(RateLimitPolicy policy, TimeSpan retryAfter) => policy.OnStoreFailure == StoreFailure.Allow
        ? new(policy, isGranted: true, isStoreUnavailable: true, TimeSpan.Zero)
        : new(policy, isGranted: false, isStoreUnavailable: true, retryAfter);
}

/// <summary>What was decided for one call, beside the reading that it shares.</summary>
/// <param name="IsGranted">Whether it was charged.</param>
/// <param name="Taken">Units charged in the same go up to this call and with it.</param>
/// <param name="WaitMicroseconds">Refused: until it would be granted. Granted: until its slot.</param>
/// <param name="BindingTier">Its place in the policy.</param>
/// <param name="ElapsedMicroseconds">Since the reading.</param>
/// <param name="Lease">To be returned.</param>
internal readonly record struct Verdict(
    bool IsGranted, long Taken, long WaitMicroseconds, int BindingTier, long ElapsedMicroseconds = 0, IAsyncDisposable? Lease = null);
