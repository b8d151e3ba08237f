namespace Sluice.RateLimiting.Local;

/// <summary>
/// A partition of a policy, and how its calls are decided. A policy that was read anew has keys of its own, but where its tiers are
/// the same they share a state. All but the refund is to be used under the state's lock.
/// </summary>
internal sealed class LocalKey(RateLimitPolicy policy, string partition, KeyState state) : LimitedKey(policy, partition)
{
    public KeyState State => state;

    public RateLimitDecision Decide(int units, bool isStoreUnavailable) =>
        state.Decide(this, units, longestWait: 0, state.Clock.Now).ToDecision(isStoreUnavailable);

    public RateLimitDecision Peek(int units) => state.Decide(this, units, longestWait: 0, state.Clock.Now, isProbe: true).ToDecision();

    public ValueTask<RateLimitDecision> WaitAsync(int units, CancellationToken cancellationToken)
    {
        var now = state.Clock.Now;
        var longestWait = state.Waiting < Policy.QueueLimit ? Policy.MaxWait.Ticks / TimeSpan.TicksPerMicrosecond : 0;
        if (!state.HasLeases(units))
        {
            if (longestWait > 0 && state.WaitBesideLeases(units, now) <= longestWait)
                return LocalWaiter.ForLeases(this, units, now + longestWait, cancellationToken);
            longestWait = 0;
        }

        var outcome = state.Decide(this, units, longestWait, now);
        return outcome.Slot is null ? new(outcome.ToDecision()) : LocalWaiter.ForSlot(this, outcome, cancellationToken);
    }

    public override ValueTask RefundAsync(long units, long at)
    {
        lock (state.Sync)
            state.Refund(units, at, state.Clock.Now);
        return ValueTask.CompletedTask;
    }
}
