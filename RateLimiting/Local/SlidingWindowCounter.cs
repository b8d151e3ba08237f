namespace Sluice.RateLimiting.Local;

/// <summary>
/// The units of the newest window in which one was charged, and of the one before, of which the part counts that the sliding window still
/// covers. While the newest lies ahead, time counts as its start. Products of units and times don't fit into 64 bits.
/// </summary>
internal sealed class SlidingWindowCounter(RateLimitTier tier) : TierState(tier)
{
    private long index = long.MinValue;
    private long newest;
    private long before;

    public override long Available(long now)
    {
        var window = now / Window;
        if (window < index)
            return 0;
        var (current, previous) = UnitsIn(window);
        return Math.Max(0, Permits - current - Covered(previous, (window + 1) * Window - now));
    }

    public override long Earliest(long units, long now)
    {
        var window = Math.Max(now / Window, index);
        var (current, previous) = UnitsIn(window);
        var start = window * Window;
        var free = Permits - current - units;
        if (free >= 0 && Elapsed(previous, free) is var elapsed && elapsed < Window)
            return Math.Max(now, start + elapsed);
        // Then in the next, where only the units of this one are left.
        return start + Window + Elapsed(current, Permits - units);
    }

    public override void Charge(long units, long at, long now)
    {
        var window = at / Window;
        (newest, before) = UnitsIn(window);
        index = window;
        newest += units;
    }

    public override void Refund(long units, long at, long now)
    {
        var window = at / Window;
        if (window == index)
            newest = Math.Max(0, newest - units);
        else if (window == index - 1)
            before = Math.Max(0, before - units);
    }

    private (long Current, long Previous) UnitsIn(long window) =>
        window == index ? (newest, before) : (0, window - 1 == index ? newest : 0);

    // What of the previous window's units counts while so much of that window is covered.
    private long Covered(long previous, long covered)
    {
        var product = Math.BigMul(previous, covered);
        return product == 0 ? 0 : (long)((product + Window - 1) / Window);
    }

    // The part of a window after which at most so many of the previous one's units count.
    private long Elapsed(long previous, long free) => previous <= free ? 0 : Window - (long)(Math.BigMul(free, Window) / previous);
}
