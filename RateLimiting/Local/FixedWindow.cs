namespace Sluice.RateLimiting.Local;

/// <summary>The units of the newest window in which one was charged. While that lies ahead, time counts as its start.</summary>
internal sealed class FixedWindow(RateLimitTier tier) : TierState(tier)
{
    private long index = long.MinValue;
    private long count;

    public override long Available(long now)
    {
        var current = now / Window;
        return current > index ? Permits : current == index ? Permits - count : 0;
    }

    public override long Earliest(long units, long now) =>
        now / Window > index ? now : count + units <= Permits ? Math.Max(now, index * Window) : (index + 1) * Window;

    public override void Charge(long units, long at, long now)
    {
        var current = at / Window;
        count = current == index ? count + units : units;
        index = current;
    }

    public override void Refund(long units, long at, long now)
    {
        if (at / Window == index)
            count = Math.Max(0, count - units);
    }
}
