namespace Sluice.RateLimiting.Local;

/// <summary>
/// One caller that waits: for leases until its patience ends, for a slot until its time has come. Callers go on side by side, never
/// under the key's lock, which guards all of this.
/// </summary>
internal sealed class LocalWaiter : TaskCompletionSource<RateLimitDecision>
{
    private readonly long deadline;
    private LocalKey key;
    private Outcome outcome;
    private ITimer? timer;
    private CancellationTokenRegistration registration;

    private LocalWaiter(LocalKey key, int units, long deadline)
        : base(TaskCreationOptions.RunContinuationsAsynchronously) =>
        (this.key, Units, this.deadline) = (key, units, deadline);

    public int Units { get; }

    /// <summary>In the line for leases; null for who has a slot.</summary>
    public LinkedListNode<LocalWaiter>? Place { get; set; }

    private KeyState State => key.State;

    private long WakesAt => outcome.Slot?.Value.At ?? deadline;

    public static ValueTask<RateLimitDecision> ForLeases(LocalKey key, int units, long deadline, CancellationToken cancellationToken)
    {
        var waiter = new LocalWaiter(key, units, deadline);
        key.State.WaitForLeases(waiter);
        return waiter.StartAsync(cancellationToken);
    }

    public static ValueTask<RateLimitDecision> ForSlot(LocalKey key, in Outcome outcome, CancellationToken cancellationToken)
    {
        var waiter = new LocalWaiter(key, outcome.Units, deadline: 0) { outcome = outcome };
        return waiter.StartAsync(cancellationToken);
    }

    /// <summary>Goes on waiting for leases of another key.</summary>
    public void MoveTo(LocalKey renewed)
    {
        key = renewed;
        State.Waiting++;
    }

    /// <summary>The leases are free: it gets a slot, now or later, unless that is too late.</summary>
    public void TakeTurn()
    {
        var now = State.Clock.Now;
        outcome = State.Decide(key, Units, Math.Max(0, deadline - now), now);
        if (outcome.Slot is null)
            Finish(now);
        else
            State.Clock.Restart(timer!, WakesAt);
    }

    private ValueTask<RateLimitDecision> StartAsync(CancellationToken cancellationToken)
    {
        State.Waiting++;
        timer = State.Clock.StartTimer(static waiter => ((LocalWaiter)waiter!).Wake(), this, WakesAt);
        registration = cancellationToken.UnsafeRegister(static (waiter, token) => ((LocalWaiter)waiter!).GiveUp(token), this);
        return new(Task);
    }

    private void Wake()
    {
        lock (State.Sync)
        {
            var now = State.Clock.Now;
            if (Task.IsCompleted)
                return;
            if (now < WakesAt)
            {
                State.Clock.Restart(timer!, WakesAt);
                return;
            }

            if (Place is null)
            {
                Finish(now);
                return;
            }

            // Asked for while it still stands in the line, so the answer is a refusal.
            outcome = State.Decide(key, Units, longestWait: 0, now);
            Finish(now);
            State.GiveUpLeases(this);
        }
    }

    private void GiveUp(CancellationToken cancellationToken)
    {
        lock (State.Sync)
        {
            if (Task.IsCompleted)
                return;
            End();
            TrySetCanceled(cancellationToken);
            if (Place is not null)
            {
                State.GiveUpLeases(this);
                return;
            }

            State.GiveUp(outcome.Slot!, State.Clock.Now);
            (outcome.Verdict.Lease as LocalLease)?.Return();
        }
    }

    private void Finish(long now)
    {
        End();
        TrySetResult(outcome.ToDecisionAt(now));
    }

    private void End()
    {
        State.Waiting--;
        timer!.Dispose();
        registration.Unregister();
    }
}
