namespace Sluice.RateLimiting.Outbound;

/// <summary>
/// The permits of an account that a process grants by itself while the ledger can't be asked: all of them, or by the ledger's own rule its
/// share of each tier. Their numbers are negative. Not thread-safe.
/// </summary>
internal sealed class LocalPermits(LedgerAccount account, TimeProvider time)
{
    private readonly bool isUnlimited = account.OnStoreFailure == StoreFailure.Allow;
    private readonly Dictionary<long, long> leaseEnds = [];

    /// <summary>Ascending.</summary>
    private readonly List<long> completed = [];

    private long lastNumber;
    private long nextAt;

    public static bool IsLocal(long number) => number < 0;

    /// <returns>A permit's number, or null and how long it takes until there may be one.</returns>
    public long? TryGrant(out TimeSpan wait)
    {
        wait = TimeSpan.Zero;
        if (!isUnlimited)
        {
            var now = time.GetTimestamp();
            Expire(now);
            wait = WaitFor(now);
            if (wait > TimeSpan.Zero)
                return null;
            nextAt = now + Timestamps(account.Pace.Interval * account.Instances);
            leaseEnds.Add(lastNumber - 1, now + Timestamps(account.Lease));
        }

        return --lastNumber;
    }

    public void Release(long number)
    {
        if (leaseEnds.Remove(number))
            Complete(time.GetTimestamp());
    }

    public void Return(long number) => leaseEnds.Remove(number);

    private TimeSpan WaitFor(long now)
    {
        var until = nextAt;
        foreach (var tier in account.Tiers)
        {
            var (share, window) = (Math.Max(1, tier.Permits / account.Instances), Timestamps(tier.Window));
            var left = FirstAfter(now - window);
            var excess = leaseEnds.Count + completed.Count - left - share;
            if (excess >= 0)
                until = Math.Max(until, (left + excess < completed.Count ? completed[left + excess] : now) + window);
        }

        return until <= now ? TimeSpan.Zero : time.GetElapsedTime(now, until);
    }

    private void Expire(long now)
    {
        foreach (var (number, end) in leaseEnds)
        {
            if (end > now)
                continue;
            leaseEnds.Remove(number);
            Complete(end);
        }

        completed.RemoveRange(0, FirstAfter(now - Timestamps(account.LongestWindow)));
    }

    private void Complete(long at) => completed.Insert(FirstAfter(at), at);

    private int FirstAfter(long at)
    {
        var index = completed.BinarySearch(at);
        if (index < 0)
            return ~index;
        while (index < completed.Count && completed[index] == at)
            index++;
        return index;
    }

    private long Timestamps(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);
}
