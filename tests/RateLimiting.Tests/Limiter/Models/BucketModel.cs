using System.Numerics;

namespace Sluice.RateLimiting.Tests.Limiter.Models;

/// <summary>
/// A level that each unit raises by one, and that sinks by permits per window until it is empty. It may not rise above the capacity.
/// </summary>
/// <remarks>Measured in parts of a unit of which there are as many as the window has us, so that it sinks by permits each us.</remarks>
internal sealed class BucketModel(RateLimitTier tier, EngineTraits traits) : TierModel(tier, traits)
{
    protected override bool Fits(long units, long now) => LevelAt(now) + units * (BigInteger)Window <= Capacity * (BigInteger)Window;

    // A charge below zero that comes now.
    public override void Refund(long units, long at) => Insert(at, new(at, -units, isSlot: false));

    private BigInteger LevelAt(long now)
    {
        // The level at the time of the latest charge: a refund can sink it below zero there, where a slot ahead was given up.
        BigInteger level = 0;
        long? latest = null;
        foreach (var charge in Charges)
        {
            if (charge.Units > 0)
            {
                var since = latest is null ? 0 : (charge.At - latest.Value) * (BigInteger)Permits;
                latest = Math.Max(charge.At, latest ?? charge.At);
                // Before the charge it is empty at least; what sinks until the latest time is not gone before.
                level = since >= 0 ? BigInteger.Max(0, level - since) : BigInteger.Max(since, level);
            }

            level += charge.Units * (BigInteger)Window;
        }

        return latest is null ? 0 : BigInteger.Max(0, level - (now - latest.Value) * (BigInteger)Permits);
    }
}
