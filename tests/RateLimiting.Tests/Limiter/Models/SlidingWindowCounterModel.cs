using System.Numerics;

namespace Sluice.RateLimiting.Tests.Limiter.Models;

/// <summary>
/// Charges count in their windows from the epoch: those of this one wholly, those of the one before by the part that a window which ends
/// now still covers. While one was made in a window ahead, nobody gets past it.
/// </summary>
internal sealed class SlidingWindowCounterModel(RateLimitTier tier, EngineTraits traits) : TierModel(tier, traits)
{
    protected override bool Fits(long units, long now)
    {
        var window = now / Window;
        var covered = Window - now % Window;
        return Charges.TrueForAll(charge => charge.At / Window <= window)
            && In(window - 1) * covered + (In(window) + units) * Window <= (BigInteger)Permits * Window;
    }

    private BigInteger In(long window) => Charges.Where(charge => charge.At / Window == window).Sum(charge => charge.Units);
}
