namespace Sluice.RateLimiting.Local;

/// <summary>
/// Every charge with its time: it counts for one window. Entries hold the total of all charges up to theirs, so that both questions are
/// binary searches. There are never more entries than permits and waiting callers; those that have left go with the next charge.
/// </summary>
internal sealed class SlidingWindowLog(RateLimitTier tier) : TierState(tier)
{
    private const int SmallestRing = 4;

    private (long At, long Total)[] ring = [];
    private int head;
    private int count;

    // The total of what has been dropped.
    private long dropped;

    /// <summary>Entries that there is memory for.</summary>
    public int Room => ring.Length;

    private long Total => count == 0 ? dropped : Entry(count - 1).Total;

    public override long Available(long now)
    {
        if (count == 0)
            return Permits;
        // A slot that lies ahead is nobody's to overtake.
        return Entry(count - 1).At > now ? 0 : Permits - (Total - TotalBefore(EntriesUntil(now - Window)));
    }

    public override long Earliest(long units, long now)
    {
        if (count == 0)
            return now;
        var earliest = Math.Max(now, Entry(count - 1).At);
        // All charges up to the entry with this total have to leave.
        var leaving = Total + units - Permits;
        return leaving <= dropped ? earliest : Math.Max(earliest, Entry(FirstWith(leaving)).At + Window);
    }

    public override void Charge(long units, long at, long now)
    {
        Drop(EntriesUntil(now - Window));
        var total = Total + units;
        if (count > 0 && Entry(count - 1).At == at)
            count--;
        if (count == ring.Length)
            Grow();
        Entry(count++) = (at, total);
    }

    public override void Refund(long units, long at, long now)
    {
        var entry = EntriesUntil(at) - 1;
        if (entry < 0 || Entry(entry).At != at)
            return;
        var charged = Entry(entry).Total - TotalBefore(entry);
        var back = Math.Min(units, charged);
        for (var later = entry; later < count; later++)
            Entry(later).Total -= back;
        if (back == charged)
            Remove(entry);
    }

    public override TierState Copy() => this;

    /// <summary>Takes back the units that were charged last.</summary>
    public void TakeBackNewest(long units)
    {
        var left = Total - units;
        while (count > 0 && TotalBefore(count - 1) >= left)
            count--;
        if (count > 0)
            Entry(count - 1).Total = left;
    }

    private ref (long At, long Total) Entry(int index)
    {
        var place = head + index;
        return ref ring[place < ring.Length ? place : place - ring.Length];
    }

    private long TotalBefore(int index) => index == 0 ? dropped : Entry(index - 1).Total;

    private int EntriesUntil(long time)
    {
        // Most often none has left, or all have.
        if (count == 0 || Entry(0).At > time)
            return 0;
        if (Entry(count - 1).At <= time)
            return count;
        var (low, high) = (1, count - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (Entry(middle).At <= time)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private int FirstWith(long total)
    {
        var (low, high) = (0, count - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (Entry(middle).Total < total)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private void Drop(int entries)
    {
        dropped = TotalBefore(entries);
        count -= entries;
        head = count == 0 ? 0 : (head + entries) % ring.Length;
    }

    private void Remove(int entry)
    {
        for (; entry < count - 1; entry++)
            Entry(entry) = Entry(entry + 1);
        count--;
    }

    private void Grow()
    {
        var larger = new (long, long)[Math.Max(SmallestRing, 2 * count)];
        for (var entry = 0; entry < count; entry++)
            larger[entry] = Entry(entry);
        (ring, head) = (larger, 0);
    }
}
