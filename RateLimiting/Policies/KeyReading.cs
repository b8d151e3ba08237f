namespace Sluice.RateLimiting;

/// <summary>
/// What was found at a key before anything was charged, and what the charges made of it; shared by all decisions made in one go.
/// </summary>
/// <param name="key">The key.</param>
/// <param name="now">The store's time in microseconds.</param>
/// <param name="numbers">Three per tier: available units, us to reset before and after the charges.</param>
internal sealed class KeyReading(LimitedKey key, long now, long[] numbers)
{
    public const int NumbersPerTier = 3;

    public LimitedKey Key => key;

    public long Now => now;

    public IReadOnlyList<RateLimitTier> Tiers => key.Policy.Tiers;

    public long Available(int tier) => numbers[tier * NumbersPerTier];

    public TierStatus StatusOf(int tier, long taken, long elapsed)
    {
        var reset = numbers[tier * NumbersPerTier + (taken == 0 ? 1 : 2)] - elapsed;
        return new(Tiers[tier], Math.Max(0, Available(tier) - taken), TimeSpan.FromMicroseconds(Math.Max(0, reset)));
    }

    /// <summary>The tier with the fewest units left: it was so before the charges too, for every tier pays the same.</summary>
    public int Scarcest()
    {
        var scarcest = 0;
        for (var tier = 1; tier < Tiers.Count; tier++)
            if (Available(tier) < Available(scarcest))
                scarcest = tier;
        return scarcest;
    }
}

/// <summary>A partition of a policy, wherever its state is kept.</summary>
internal abstract class LimitedKey(RateLimitPolicy policy, string partition)
{
    public RateLimitPolicy Policy => policy;

    public string Partition => partition;

    /// <summary>Takes back a charge of so many units at a time in us, as far as it still counts.</summary>
    public abstract ValueTask RefundAsync(long units, long at);
}
