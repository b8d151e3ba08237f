namespace Sluice.RateLimiting.Tests.Limiter.Models;

/// <summary>
/// Units count from their charge until they are returned. Where nobody renews leases they end after the window; else each counts as
/// renewed just now, whenever somebody asks.
/// </summary>
internal sealed class ConcurrencyModel(RateLimitTier tier, EngineTraits traits) : TierModel(tier, traits)
{
    public override long Earliest(long units, long now) =>
        Traits.LeasesEnd ? base.Earliest(units, now) : Fits(units, now) ? now : now + Window;

    public override void Refund(long units, long at)
    {
    }

    public void Return(long units, long at) => TakeBack(units, at);

    protected override bool Fits(long units, long now) =>
        Charges.Where(charge => !Traits.LeasesEnd || now < charge.At + Window).Sum(charge => charge.Units) + units <= Permits;
}
