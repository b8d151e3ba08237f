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

    /// <summary>Looks at every tier, and then charges all or none: for now, or for a slot that is near enough.</summary>
    public (KeyReading Reading, Verdict Verdict) Decide(LocalKey key, int units, long longestWait, long now, bool isProbe = false)
    {
        var numbers = new long[tiers.Length * KeyReading.NumbersPerTier];
        var reading = new KeyReading(key, now, numbers);
        var least = long.MaxValue;
        for (var tier = 0; tier < tiers.Length; tier++)
            least = Math.Min(least, numbers[tier * KeyReading.NumbersPerTier] = tiers[tier].Available(now));

        var (wait, binding) = least < units ? LongestWait(units, now) : (0, 0);
        var isGranted = wait <= longestWait;
        var taken = isGranted && !isProbe ? units : 0;
        for (var tier = 0; tier < tiers.Length; tier++)
        {
            if (taken > 0)
                tiers[tier].Charge(taken, now + wait, now);
            // One call travels alone, so only one of both will ever be read.
            var reset = tiers[tier].Reset(now);
            numbers[tier * KeyReading.NumbersPerTier + 1] = reset;
            numbers[tier * KeyReading.NumbersPerTier + 2] = reset;
        }

        var lease = taken > 0 && line is not null ? new LocalLease(this, units) : null;
        return (reading, new Verdict(isGranted, taken, wait, isGranted ? reading.Scarcest() : binding, Lease: lease));
    }

    /// <summary>Whether leases for the units are free, and nobody waits for them.</summary>
    public bool HasLeases(int units) => line?.HasFree(units) ?? true;

    /// <summary>Until all tiers but the leases have the units.</summary>
    public long WaitBesideLeases(int units, long now)
    {
        long wait = 0;
        foreach (var tier in tiers)
            if (tier is not ConcurrencyCount)
                wait = Math.Max(wait, tier.Earliest(units, now) - now);
        return wait;
    }

    public void WaitForLeases(LocalWaiter waiter) => line!.Add(waiter);

    public void GiveUpLeases(LocalWaiter waiter) => line!.Remove(waiter);

    public void ReturnLeases(int units) => line!.Return(units);

    public void Refund(long units, long at, long now)
    {
        foreach (var tier in tiers)
            tier.Refund(units, at, now);
    }

    /// <summary>Retires, if it is as good as a new one.</summary>
    public bool TryRetire(long now)
    {
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

    private (long Wait, int Binding) LongestWait(int units, long now)
    {
        var (longest, binding) = (0L, 0);
        for (var tier = 0; tier < tiers.Length; tier++)
            if (tiers[tier].Earliest(units, now) - now is var wait && wait > longest)
                (longest, binding) = (wait, tier);
        return (longest, binding);
    }
}
