using System.Collections.Frozen;
using System.Numerics;
using Sluice.RateLimiting.Redis;

namespace Sluice.RateLimiting;

/// <summary>A policy in force: its options, checked and frozen. Immutable, thread-safe.</summary>
public sealed class RateLimitPolicy
{
    private readonly FrozenDictionary<string, RateLimitPolicy> overrides;

    internal RateLimitPolicy(string name, PolicyOptions options, int instances = 1)
        : this(name, options, TiersOf(options.Tiers), instances) =>
        overrides = options.Overrides.ToFrozenDictionary(
            other => other.Key, other => new RateLimitPolicy(name, options, TiersOf(other.Value.Tiers), instances), StringComparer.OrdinalIgnoreCase);

    private RateLimitPolicy(string name, PolicyOptions options, IReadOnlyList<RateLimitTier> tiers, int instances)
    {
        Name = name;
        Partition = options.Partition;
        Cost = options.Cost;
        OnStoreFailure = options.OnStoreFailure;
        IsShadow = options.Shadow;
        QueueLimit = options.QueueLimit;
        MaxWait = options.MaxWait;
        Tiers = tiers;
        Capacity = Tiers.Select(tier => tier.Capacity).DefaultIfEmpty(int.MaxValue).Min();
        HasLeases = Tiers.Any(tier => tier.Algorithm == RateLimitAlgorithm.Concurrency);
        Algorithms = string.Join(' ', Tiers.Select(tier => (int)tier.Algorithm));
        Numbers = new Doubles(tiers).Bytes;
        Share = instances == 1 ? this : new RateLimitPolicy(name, options, [.. tiers.Select(tier => tier.Share(instances))], instances: 1);
        overrides = FrozenDictionary<string, RateLimitPolicy>.Empty;
    }

    /// <summary>The policy's name, as configured.</summary>
    public string Name { get; }

    /// <inheritdoc cref="PolicyOptions.Partition"/>
    public string Partition { get; }

    /// <inheritdoc cref="PolicyOptions.Cost"/>
    public int Cost { get; }

    /// <inheritdoc cref="PolicyOptions.OnStoreFailure"/>
    public StoreFailure OnStoreFailure { get; }

    /// <inheritdoc cref="PolicyOptions.Shadow"/>
    public bool IsShadow { get; }

    /// <inheritdoc cref="PolicyOptions.QueueLimit"/>
    public int QueueLimit { get; }

    /// <inheritdoc cref="PolicyOptions.MaxWait"/>
    public TimeSpan MaxWait { get; }

    /// <summary>The tiers, in the order of the configuration; none where the policy <see cref="IsUnlimited"/>.</summary>
    public IReadOnlyList<RateLimitTier> Tiers { get; }

    /// <summary>Whether every call is granted, without a look at Redis: an override can be so.</summary>
    public bool IsUnlimited => Tiers.Count == 0;

    /// <summary>The units that the smallest tier holds: a call that takes more can never be granted.</summary>
    public int Capacity { get; }

    /// <summary>Whether a grant holds a lease that is to be returned: a tier counts concurrency.</summary>
    public bool HasLeases { get; }

    /// <summary>The names that have limits of their own: see <see cref="For"/>.</summary>
    public IReadOnlyCollection<string> Overrides => overrides.Keys;

    /// <summary>The tiers' algorithms by number: policies that agree in it share a script.</summary>
    internal string Algorithms { get; }

    /// <summary>The tiers as the scripts are told of them.</summary>
    internal byte[] Numbers { get; }

    /// <summary>What this process grants by itself while Redis is away: its part of every tier.</summary>
    internal RateLimitPolicy Share { get; }

    /// <summary>
    /// The policy as it is for somebody: with other tiers or none where <see cref="PolicyOptions.Overrides"/> names them, else this one.
    /// </summary>
    /// <param name="name">Who; case doesn't matter. Null for nobody in particular.</param>
    public RateLimitPolicy For(string? name) => name is not null && overrides.TryGetValue(name, out var other) ? other : this;

    private static RateLimitTier[] TiersOf(IEnumerable<TierOptions> tiers) =>
        [.. tiers.Select(tier => new RateLimitTier(TierName.Of(tier), tier.Algorithm, tier.Permits, tier.Window, tier.Capacity))];
}

/// <summary>A tier in force.</summary>
/// <param name="Name">Unique in its policy.</param>
/// <param name="Algorithm">How it counts.</param>
/// <param name="Permits">Units per window.</param>
/// <param name="Window">The window's length.</param>
/// <param name="Capacity">The most units that it ever has: <see cref="TierOptions.Burst"/>, or the permits.</param>
public sealed record RateLimitTier(string Name, RateLimitAlgorithm Algorithm, int Permits, TimeSpan Window, int Capacity)
{
    internal long WindowMicroseconds { get; } = Window.Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>The part of one among so many, at least one unit.</summary>
    internal RateLimitTier Share(int instances) =>
        this with { Permits = Math.Max(1, Permits / instances), Capacity = Math.Max(1, Capacity / instances) };

    /// <summary>Permits, window in us and capacity, as the scripts count. A bucket knows but a rate, which it counts in lowest terms.</summary>
    internal (long Permits, long Window, long Capacity) Numbers()
    {
        var divisor = CanBurst(Algorithm) ? (long)BigInteger.GreatestCommonDivisor(Permits, WindowMicroseconds) : 1;
        return (Permits / divisor, WindowMicroseconds / divisor, Capacity);
    }

    internal static bool CanBurst(RateLimitAlgorithm algorithm) =>
        algorithm is RateLimitAlgorithm.TokenBucket or RateLimitAlgorithm.LeakyBucket or RateLimitAlgorithm.Gcra;
}
