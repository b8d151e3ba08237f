namespace Sluice.RateLimiting.Tests.Limiter.Models;

/// <summary>A charge counts in its window from the epoch. While one was made in a window ahead, nobody gets past it.</summary>
internal sealed class FixedWindowModel(RateLimitTier tier, EngineTraits traits) : TierModel(tier, traits)
{
    protected override bool Fits(long units, long now) =>
        Charges.TrueForAll(charge => charge.At / Window <= now / Window)
        && Charges.Where(charge => charge.At / Window == now / Window).Sum(charge => charge.Units) + units <= Permits;
}
