namespace Sluice.RateLimiting.Local;

/// <summary>
/// Token bucket, leaky bucket and GCRA: three words for one debt. It is held as the time at which nothing will be owed any more. A unit
/// is worth window / permits of time; counted in microseconds / permits nothing is ever rounded.
/// </summary>
internal sealed class Bucket(RateLimitTier tier) : TierState(tier)
{
    // What can still be told as a TimeSpan.
    private static readonly Int128 LongestWait = TimeSpan.MaxValue.Ticks / TimeSpan.TicksPerMicrosecond;

    // In microseconds / permits, in which a unit is as long as the window is in microseconds.
    private Int128 fullAt = long.MinValue;

    public override long Available(long now)
    {
        var owed = Owed(now);
        if (owed <= 0)
            return Capacity;
        var used = Ceiling(owed, Window);
        return used < Capacity ? (long)(Capacity - used) : 0;
    }

    public override long Earliest(long units, long now)
    {
        var tooMuch = Owed(now) - Worth(Capacity - units);
        return tooMuch <= 0 ? now : now + (long)Int128.Min(Ceiling(tooMuch, Permits), LongestWait);
    }

    public override void Charge(long units, long at, long now) => fullAt = Int128.Max(fullAt, Math.BigMul(at, Permits)) + Worth(units);

    public override void Refund(long units, long at, long now) => fullAt -= Worth(units);

    private Int128 Owed(long now) => fullAt - Math.BigMul(now, Permits);

    private Int128 Worth(long units) => Math.BigMul(units, Window);

    // Of a positive dividend.
    private static Int128 Ceiling(Int128 dividend, long divisor) => (dividend + divisor - 1) / divisor;
}
