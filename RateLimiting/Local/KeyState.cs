namespace Sluice.RateLimiting.Local;

/// <summary>
/// What is counted for one key, and who waits there. Everything but the lock is to be used under that lock. It retires when it is
/// reset or swept: whoever finds it so looks the key up anew, and what is given back to it is nobody's any more.
/// </summary>
internal sealed class KeyState
{
    private readonly IReadOnlyList<RateLimitTier> policyTiers;
    private readonly TierState[] tiers;
    private readonly LeaseLine? line;
    private SlotsAhead? slots;

    public KeyState(LocalClock clock, Lock sync, IReadOnlyList<RateLimitTier> policyTiers)
    {
        (Clock, Sync, this.policyTiers) = (clock, sync, policyTiers);
        tiers = [.. policyTiers.Select(TierState.Of)];
        ConcurrencyCount[] counts = [.. tiers.OfType<ConcurrencyCount>()];
        line = counts.Length == 0 ? null : new LeaseLine(counts);
    }

    public LocalClock Clock { get; }

    public Lock Sync { get; }

    public bool IsRetired { get; private set; }

    /// <summary>Callers that wait for a lease or for the time of their slot.</summary>
    public int Waiting { get; set; }

    private SlotsAhead? Ahead => slots is { IsEmpty: false } ? slots : null;

    // Nobody overtakes who has a slot.
    private long LastSlot => slots?.Last ?? 0;

    /// <summary>Looks at every tier, and then charges all or none: for now, or for a slot that is near enough.</summary>
    public Outcome Decide(LocalKey key, int units, long longestWait, long now, bool isProbe = false)
    {
        slots?.Settle(now);
        var numbers = new long[tiers.Length * KeyReading.NumbersPerTier];
        var reading = new KeyReading(key, now, numbers);
        var least = long.MaxValue;
        for (var tier = 0; tier < tiers.Length; tier++)
            least = Math.Min(least, numbers[tier * KeyReading.NumbersPerTier] = tiers[tier].Available(now));

        var (wait, binding) = least < units || LastSlot > now ? LongestWait(units, now) : (0, 0);
        var isGranted = wait <= longestWait;
        var taken = isGranted && !isProbe ? units : 0;
        var slot = taken > 0 ? Charge(taken, now + wait, now) : null;
        for (var tier = 0; tier < tiers.Length; tier++)
        {
            // One call travels alone, so only one of both will ever be read.
            var reset = tiers[tier].Reset(now);
            numbers[tier * KeyReading.NumbersPerTier + 1] = reset;
            numbers[tier * KeyReading.NumbersPerTier + 2] = reset;
        }

        var lease = taken > 0 && line is not null ? new LocalLease(this, units) : null;
        var verdict = new Verdict(isGranted, taken, wait, isGranted ? reading.Scarcest() : binding, Lease: lease);
        // A refund of a probe is one of nothing.
        return new(reading, isProbe ? 0 : units, verdict, slot);
    }

    /// <summary>Whether leases for the units are free, and nobody waits for them.</summary>
    public bool HasLeases(int units) => line?.HasFree(units) ?? true;

    /// <summary>Until all tiers but the leases have the units.</summary>
    public long WaitBesideLeases(int units, long now)
    {
        slots?.Settle(now);
        var wait = Math.Max(0, LastSlot - now);
        foreach (var tier in tiers)
            if (tier is not ConcurrencyCount)
                wait = Math.Max(wait, tier.Earliest(units, now) - now);
        return wait;
    }

    public void WaitForLeases(LocalWaiter waiter) => line!.Add(waiter);

    public void GiveUpLeases(LocalWaiter waiter) => line!.Remove(waiter);

    public void ReturnLeases(int units) => line!.Return(units);

    /// <summary>A slot that its caller won't use, or hasn't used.</summary>
    public void GiveUp(LinkedListNode<Slot> slot, long now)
    {
        if (!slots!.TryGiveUp(slot))
            Refund(slot.Value.Units, slot.Value.At, now);
    }

    /// <summary>Takes back a charge whose time has come, as far as it still counts.</summary>
    public void Refund(long units, long at, long now)
    {
        slots?.Settle(now);
        var ahead = Ahead;
        ahead?.Unwind();
        foreach (var tier in tiers)
            tier.Refund(units, at, now);
        ahead?.Replay(now);
    }

    /// <summary>Retires, if it is as good as a new one.</summary>
    public bool TryRetire(long now)
    {
        slots?.Settle(now);
        IsRetired = Waiting == 0 && Array.TrueForAll(tiers, tier => tier.IsUntouched(now));
        return IsRetired;
    }

    /// <summary>
    /// Retires in favour of one that has counted nothing. Who has a slot keeps it; who waits for leases waits there, for those that are
    /// held have ended.
    /// </summary>
    public LocalKey Renew(LocalKey key)
    {
        IsRetired = true;
        var renewed = new LocalKey(key.Policy, key.Partition, new KeyState(Clock, Sync, policyTiers));
        line?.MoveTo(renewed, renewed.State.line!);
        return renewed;
    }

    private LinkedListNode<Slot>? Charge(int units, long at, long now)
    {
        line?.Take(units);
        if (at > now)
            return (slots ??= new SlotsAhead(tiers)).Add(units, at, now);
        foreach (var tier in tiers)
            tier.Charge(units, at, now);
        return null;
    }

    private (long Wait, int Binding) LongestWait(int units, long now)
    {
        var (longest, binding) = (0L, 0);
        for (var tier = 0; tier < tiers.Length; tier++)
            if (tiers[tier].Earliest(units, now) - now is var wait && wait > longest)
                (longest, binding) = (wait, tier);
        return (Math.Max(longest, LastSlot - now), binding);
    }
}
