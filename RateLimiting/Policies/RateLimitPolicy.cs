namespace Sluice.RateLimiting;

/// <summary>A policy in force: its options, checked and frozen. Immutable, thread-safe.</summary>
public sealed class RateLimitPolicy
{
    internal RateLimitPolicy(string name, PolicyOptions options)
    {
        Name = name;
        Partition = options.Partition;
        Cost = options.Cost;
        OnStoreFailure = options.OnStoreFailure;
        Tiers = [.. options.Tiers.Select(tier => new RateLimitTier(TierName.Of(tier), tier.Algorithm, tier.Permits, tier.Window))];
        Capacity = Tiers.Min(tier => tier.Permits);
    }

    /// <summary>The policy's name, as configured.</summary>
    public string Name { get; }

    /// <inheritdoc cref="PolicyOptions.Partition"/>
    public string Partition { get; }

    /// <inheritdoc cref="PolicyOptions.Cost"/>
    public int Cost { get; }

    /// <inheritdoc cref="PolicyOptions.OnStoreFailure"/>
    public StoreFailure OnStoreFailure { get; }

    /// <summary>The tiers, in the order of the configuration.</summary>
    public IReadOnlyList<RateLimitTier> Tiers { get; }

    /// <summary>The units that the smallest tier holds: a call that takes more can never be granted.</summary>
    public int Capacity { get; }
}

/// <summary>A tier in force.</summary>
/// <param name="Name">Unique in its policy.</param>
/// <param name="Algorithm">How it counts.</param>
/// <param name="Permits">Units per window.</param>
/// <param name="Window">The window's length.</param>
public sealed record RateLimitTier(string Name, RateLimitAlgorithm Algorithm, int Permits, TimeSpan Window)
{
    internal long WindowMicroseconds { get; } = Window.Ticks / TimeSpan.TicksPerMicrosecond;
}
