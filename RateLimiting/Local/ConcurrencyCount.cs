namespace Sluice.RateLimiting.Local;

/// <summary>
/// The units that are in use. Their holders live in this process, so a lease never ends by itself: it counts as renewed at any moment,
/// which lets it end a window from now at the earliest that can be said.
/// </summary>
internal sealed class ConcurrencyCount(RateLimitTier tier) : TierState(tier)
{
    private long used;

    /// <summary>Whether somebody waits for what is free: then it is nobody else's.</summary>
    public bool IsClaimed { get; set; }

    public bool HasFree(long units) => used + units <= Permits;

    public override long Available(long now) => IsClaimed ? 0 : Permits - used;

    public override long Earliest(long units, long now) => units <= Available(now) ? now : now + Window;

    // Leases are taken, and returned when the decision is disposed of.
    public override void Charge(long units, long at, long now)
    {
    }

    public override void Refund(long units, long at, long now)
    {
    }

    public override TierState Copy() => this;

    public void Take(long units) => used += units;

    public void Return(long units) => used -= units;
}
