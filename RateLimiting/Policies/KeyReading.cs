namespace Sluice.RateLimiting;

/// <summary>What one script call found at a key before it charged anything; shared by all decisions made in that call.</summary>
internal sealed class KeyReading(RateLimitPolicy policy, long[] answer)
{
    /// <summary>Numbers per tier at the front of the answer: available units, reset before and reset after the call's charges.</summary>
    public const int NumbersPerTier = 3;

    public IReadOnlyList<RateLimitTier> Tiers => policy.Tiers;

    public long Available(int tier) => answer[tier * NumbersPerTier];

    public TierStatus StatusOf(int tier, long taken) =>
        new(policy.Tiers[tier], Available(tier) - taken, TimeSpan.FromMicroseconds(answer[tier * NumbersPerTier + (taken == 0 ? 1 : 2)]));

    /// <summary>The tier with the fewest units left: it was so before the charges too, for every tier pays the same.</summary>
    public int Scarcest()
    {
        var scarcest = 0;
        for (var tier = 1; tier < policy.Tiers.Count; tier++)
            if (Available(tier) < Available(scarcest))
                scarcest = tier;
        return scarcest;
    }
}
