namespace Sluice.RateLimiting.Outbound;

/// <summary>While the ledger can't be asked, for accounts whose requests don't wait for it.</summary>
internal sealed partial class AccountPump
{
    private readonly LocalPermits? alone = account.OnStoreFailure == StoreFailure.Deny ? null : new LocalPermits(account, time);
    private TaskCompletionSource aloneWake = NewSignal();
    private volatile bool isAlone;
    private bool isServing;

    // Must be called under the lock.
    private void BeginAlone()
    {
        if (alone is null || isAlone || isStopped)
            return;
        isAlone = true;
        LogAlone(account.Name, account.OnStoreFailure);
        // The loop of an outage that has just ended may still be on its way out: it goes on.
        if (!isServing)
            _ = ServeAloneAsync(alone);
    }

    private void EndAlone()
    {
        lock (sync)
        {
            isAlone = false;
            aloneWake.TrySetResult();
        }
    }

    private async Task ServeAloneAsync(LocalPermits permits)
    {
        while (true)
        {
            TimeSpan wait;
            lock (sync)
            {
                isServing = isAlone && !isStopped;
                if (!isServing)
                    return;
                aloneWake = NewSignal();
                wait = HandOutAlone(permits);
            }

            await aloneWake.Task.WaitAsync(wait, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Must be called under the lock.
    private TimeSpan HandOutAlone(LocalPermits permits)
    {
        while (queue.Count > 0)
        {
            if (permits.TryGrant(out var wait) is not { } number)
            {
                reports.Blocked(WaitCause.Ledger, time.GetTimestamp(), queue);
                Refuse(wait, WaitCause.Ledger);
                return Rounded(wait);
            }

            reports.Over(queue);
            metrics.Granted(account, 1);
            queue.Next()!.TrySetResult(new Permit(this, number, time.GetTimestamp(), grantedAt: 0));
        }

        return Timeout.InfiniteTimeSpan;
    }

    // Must be called under the lock. The ledger is told when it is back.
    private void ReleaseAlone(long number)
    {
        alone!.Release(number);
        back.Unledgered++;
    }

    // Must be called under the lock.
    private void ReturnAlone(long number) => alone!.Return(number);
}
