namespace Sluice.RateLimiting.Outbound;

/// <summary>Tells the observer what was waited for. A wait lasts from the first permit that was wanted in vain to the next one granted.</summary>
internal sealed class WaitReports(LedgerAccount account, IOutboundObserver observer, LedgerMetrics metrics, TimeProvider time)
{
    /// <summary>Shorter ones are the ledger's own pace, as permits come back one by one.</summary>
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(50);

    private (WaitCause Cause, long Started)? wait;

    /// <summary>Permits were wanted at a time, and there were none.</summary>
    public void Blocked(WaitCause cause, long since, PermitQueue queue)
    {
        if (wait is { } current && current.Cause != cause)
            Over(queue);
        wait ??= (cause, since);
    }

    /// <summary>The wait is over; those who have waited are still in the queue.</summary>
    public void Over(PermitQueue queue)
    {
        if (wait is not { } over)
            return;
        wait = null;
        var ended = time.GetTimestamp();
        if (time.GetElapsedTime(over.Started, ended) < ShortestWait)
            return;
        metrics.Waited(account, over.Cause, time.GetElapsedTime(over.Started, ended));
        foreach (var (tag, since) in queue.Tags())
        {
            var started = Math.Max(since, over.Started);
            if (time.GetElapsedTime(started, ended) >= ShortestWait)
                observer.Waited(new OutboundWait(account.Name, tag, over.Cause, started, ended));
        }
    }
}
