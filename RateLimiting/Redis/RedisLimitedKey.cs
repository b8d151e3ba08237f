using StackExchange.Redis;

namespace Sluice.RateLimiting.Redis;

/// <summary>A partition of a policy in Redis, as this process sees it: its keys, who waits for an answer, and what was refused last.</summary>
internal sealed class RedisLimitedKey : LimitedKey
{
    private readonly RateLimitStore store;
    private volatile Refusal? refusal;

    public RedisLimitedKey(RateLimitPolicy policy, string partition, RateLimitStore store, Lane lane, PolicyCounts counts)
        : base(policy, partition)
    {
        this.store = store;
        Lane = lane;
        Counts = counts;
        Keys = KeysOf(policy, partition);
    }

    /// <summary>The state of all tiers, then what some tiers have in keys of their own. They share a hash tag, so they sit in one slot of a cluster.</summary>
    public RedisKey[] Keys { get; }

    public Lane Lane { get; }

    public PolicyCounts Counts { get; }

    /// <summary>Calls that came since the last script call for this key; guarded by the lane.</summary>
    public List<Call> Arriving { get; private set; } = [];

    /// <summary>Calls that are being decided; the lane's.</summary>
    public List<Call> Travelling { get; private set; } = [];

    /// <summary>How many runs the travelling calls make; the lane's.</summary>
    public int RunCount { get; set; }

    /// <summary>Whether it has been taken from the table; guarded by the lane.</summary>
    public bool IsRetired { get; set; }

    /// <summary>Whether anybody used it since the table last looked.</summary>
    public bool IsTouched { get; set; } = true;

    /// <summary>Callers who wait for their slots, or for a lease.</summary>
    public WaitingLine Waiting { get; } = new();

    public bool IsIdle => Arriving.Count == 0 && Travelling.Count == 0 && Waiting.IsEmpty;

    /// <summary>Redis's last refusal; null where it isn't known to hold any more.</summary>
    public Refusal? Refusal
    {
        get => refusal;
        set => refusal = value;
    }

    /// <summary>The first of those who have come set out; the lane guards it.</summary>
    public void Board(int most)
    {
        (Arriving, Travelling) = (Travelling, Arriving);
        if (Travelling.Count > most)
        {
            Arriving.AddRange(Travelling[most..]);
            Travelling.RemoveRange(most, Travelling.Count - most);
        }
    }

    /// <summary>The leases of a tier that counts concurrency.</summary>
    public static RedisKey LeasesOf(RateLimitPolicy policy, string partition, RateLimitTier tier) => $"{StateOf(policy, partition)}:leases:{tier.Name}";

    /// <inheritdoc cref="Keys"/>
    public static RedisKey[] KeysOf(RateLimitPolicy policy, string partition) =>
    [
        StateOf(policy, partition),
        .. policy.Tiers.Where(static tier => tier.Algorithm == RateLimitAlgorithm.Concurrency).Select(tier => LeasesOf(policy, partition, tier)),
    ];

    private static string StateOf(RateLimitPolicy policy, string partition) => $"rl:{{{policy.Name}:{partition}}}";

    public override ValueTask RefundAsync(long units, long at)
    {
        Refusal = null;
        return store.RefundAsync(this, units, at);
    }
}

/// <summary>
/// What Redis refused and until when. Until then it would refuse as much again, unless somebody gives units back, resets the key or raises the limit:
/// so it is believed for less than a second.
/// </summary>
/// <param name="Reading">What was found.</param>
/// <param name="Taken">Units charged after the reading and before the refusal.</param>
/// <param name="Units">So many were refused. More would be too, but for longer.</param>
/// <param name="WaitMicroseconds">Until they would be granted, at the time of the answer.</param>
/// <param name="BindingTier">The tier that refused.</param>
/// <param name="Answered">When Redis's answer came: a timestamp. Redis decided earlier.</param>
/// <param name="Until">A timestamp: from then on Redis is asked again.</param>
internal sealed record Refusal(KeyReading Reading, long Taken, int Units, long WaitMicroseconds, int BindingTier, long Answered, long Until);
