namespace Sluice.RateLimiting.Tests.Outbound.Ledger;

/// <summary>Counts as servers do, and says how many of the arrivals each kind of server would have refused. Times in us, ascending.</summary>
internal static class SimulatedServers
{
    public static int RefusedBySlidingLog(LedgerTier tier, IReadOnlyList<long> arrivals)
    {
        var admitted = new Queue<long>();
        return arrivals.Count(at =>
        {
            while (admitted.TryPeek(out var oldest) && oldest <= at - Microseconds(tier))
                admitted.Dequeue();
            return !Admit(admitted, at, tier.Permits);
        });
    }

    /// <summary>A window begins with the first request after the one before has ended.</summary>
    public static int RefusedByAnchoredWindows(LedgerTier tier, IReadOnlyList<long> arrivals)
    {
        long end = long.MinValue;
        var used = 0;
        return arrivals.Count(at =>
        {
            if (at >= end)
                (end, used) = (at + Microseconds(tier), 0);
            return ++used > tier.Permits;
        });
    }

    /// <summary>Windows begin at multiples of their length, shifted by a phase.</summary>
    public static int RefusedByAlignedWindows(LedgerTier tier, IReadOnlyList<long> arrivals, long phase) =>
        arrivals.GroupBy(at => (at + phase) / Microseconds(tier)).Sum(window => Math.Max(0, window.Count() - tier.Permits));

    public static int RefusedByTokenBucket(LedgerTier tier, IReadOnlyList<long> arrivals)
    {
        // In parts of a token, so that nothing is rounded: a window's us are one token, and one us refills as many parts as there are permits.
        var token = Microseconds(tier);
        var (level, last) = (token * tier.Permits, arrivals[0]);
        return arrivals.Count(at =>
        {
            level = Math.Min(token * tier.Permits, level + (at - last) * tier.Permits);
            last = at;
            if (level < token)
                return true;
            level -= token;
            return false;
        });
    }

    private static bool Admit(Queue<long> admitted, long at, int permits)
    {
        if (admitted.Count >= permits)
            return false;
        admitted.Enqueue(at);
        return true;
    }

    private static long Microseconds(LedgerTier tier) => tier.Window.Ticks / TimeSpan.TicksPerMicrosecond;
}
