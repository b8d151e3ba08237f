namespace Sluice.RateLimiting.Local;

/// <summary>
/// What one tier of one key has counted. Times are microseconds; looking changes nothing. A clock that was set back admits nothing
/// that it wouldn't admit standing still. Not thread-safe: the key's lock guards it.
/// </summary>
internal abstract class TierState(RateLimitTier tier)
{
    protected long Permits => tier.Permits;

    protected long Capacity => tier.Capacity;

    protected long Window => tier.WindowMicroseconds;

    public static TierState Of(RateLimitTier tier) => tier.Algorithm switch
    {
        RateLimitAlgorithm.SlidingWindow => new SlidingWindowLog(tier),
        RateLimitAlgorithm.TokenBucket or RateLimitAlgorithm.LeakyBucket or RateLimitAlgorithm.Gcra => new Bucket(tier),
        RateLimitAlgorithm.SlidingWindowCounter => new SlidingWindowCounter(tier),
        RateLimitAlgorithm.FixedWindow => new FixedWindow(tier),
        RateLimitAlgorithm.Concurrency => new ConcurrencyCount(tier),
        _ => throw new ArgumentOutOfRangeException(nameof(tier), tier.Algorithm, "No such algorithm."),
    };

    /// <summary>The most units that can be charged now: 0 to the capacity.</summary>
    public abstract long Available(long now);

    /// <summary>The first time, now or later, at which so many units (1 to the capacity) are available if nobody else comes.</summary>
    public abstract long Earliest(long units, long now);

    /// <summary>Counts units as taken at a time: now, or the later one at which they are available.</summary>
    public abstract void Charge(long units, long at, long now);

    /// <summary>Takes back a charge made at a time, as far as it still counts.</summary>
    public abstract void Refund(long units, long at, long now);

    /// <summary>One that goes on from here by itself; this one, where what was charged last can be taken back from it.</summary>
    public virtual TierState Copy() => (TierState)MemberwiseClone();

    /// <summary>How long until more is available than now; zero where nothing is taken.</summary>
    public long Reset(long now)
    {
        var available = Available(now);
        return available == Capacity ? 0 : Earliest(available + 1, now) - now;
    }

    /// <summary>Whether it is as good as new.</summary>
    public bool IsUntouched(long now) => Available(now) == Capacity;
}
