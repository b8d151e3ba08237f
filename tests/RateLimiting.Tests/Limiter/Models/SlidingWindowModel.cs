namespace Sluice.RateLimiting.Tests.Limiter.Models;

/// <summary>A charge counts from its time on for one window. While one lies ahead, nobody gets past it.</summary>
internal sealed class SlidingWindowModel(RateLimitTier tier, EngineTraits traits) : TierModel(tier, traits)
{
    protected override bool Fits(long units, long now)
    {
        var counting = Charges.Where(charge => charge.Units > 0).ToList();
        return counting.TrueForAll(charge => charge.At <= now)
            && counting.Where(charge => now < charge.At + Window).Sum(charge => charge.Units) + units <= Permits;
    }
}
