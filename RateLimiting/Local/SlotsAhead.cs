namespace Sluice.RateLimiting.Local;

/// <summary>A slot that a caller sleeps for.</summary>
internal readonly record struct Slot(int Units, long At);

/// <summary>
/// The slots of one key whose time hasn't come. The tiers count them from the start; what they'd count without them is kept as well, so
/// that who gives a slot up leaves no trace: neither does time stand still until then, nor does anybody gain by units that were never
/// used. Others keep their slots, and nobody overtakes them. Guarded by the key's lock.
/// </summary>
internal sealed class SlotsAhead(TierState[] tiers)
{
    private readonly LinkedList<Slot> slots = [];
    private readonly TierState[] settled = new TierState[tiers.Length];

    // The units of those slots that the tiers count, which may have been given up since.
    private long counted;
    private long lastSettled;
    private bool isStale;

    public bool IsEmpty => slots.Count == 0;

    /// <summary>When the last slot is, or was.</summary>
    public long Last => slots.Last?.Value.At ?? lastSettled;

    /// <summary>Brings the tiers up to date, before anything else is done with them.</summary>
    public void Settle(long now)
    {
        if (isStale)
        {
            Unwind();
            Replay(now);
        }

        while (slots.First is { Value: var slot } && slot.At <= now)
        {
            slots.RemoveFirst();
            lastSettled = slot.At;
            counted -= slot.Units;
            for (var tier = 0; tier < tiers.Length; tier++)
                if (!ReferenceEquals(settled[tier], tiers[tier]))
                    settled[tier].Charge(slot.Units, slot.At, now);
        }
    }

    /// <summary>Charges the tiers with a slot, which isn't before any other.</summary>
    public LinkedListNode<Slot> Add(int units, long at, long now)
    {
        if (IsEmpty)
            Keep();
        var slot = slots.AddLast(new Slot(units, at));
        Charge(slot.Value, now);
        return slot;
    }

    /// <returns>False where its time had come: it is a charge as any other.</returns>
    public bool TryGiveUp(LinkedListNode<Slot> slot)
    {
        if (slot.List is null)
            return false;
        slots.Remove(slot);
        return isStale = true;
    }

    /// <summary>Makes the tiers what they'd be without slots ahead.</summary>
    public void Unwind()
    {
        for (var tier = 0; tier < tiers.Length; tier++)
            if (tiers[tier] is SlidingWindowLog log)
                log.TakeBackNewest(counted);
            else
                tiers[tier] = settled[tier];
    }

    /// <summary>Charges the tiers with all slots ahead.</summary>
    public void Replay(long now)
    {
        isStale = false;
        Keep();
        foreach (var slot in slots)
            Charge(slot, now);
    }

    private void Keep()
    {
        counted = 0;
        for (var tier = 0; tier < tiers.Length; tier++)
            settled[tier] = tiers[tier].Copy();
    }

    private void Charge(in Slot slot, long now)
    {
        counted += slot.Units;
        foreach (var tier in tiers)
            tier.Charge(slot.Units, slot.At, now);
    }
}
