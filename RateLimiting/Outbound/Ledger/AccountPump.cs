using Microsoft.Extensions.Logging;

namespace Sluice.RateLimiting.Outbound;

/// <summary>
/// Speaks to an account's ledger for all callers of this process: one script call takes back what has ended and asks for everyone
/// who waits. It sleeps until a permit can be had at the earliest; only permits that go back wake it sooner. Thread-safe.
/// </summary>
internal sealed partial class AccountPump(
    LedgerAccount account, LedgerStore store, LedgerHorizon horizon, WaitReports reports, LedgerMetrics metrics, TimeProvider time, ILogger logger)
{
    private readonly Lock sync = new();
    private readonly PermitQueue queue = new();
    private Returns back = new();
    private TaskCompletionSource wake = NewSignal();
    private Task running = Task.CompletedTask;
    private bool isRunning;
    private bool isStopped;

    public LedgerAccount Account => account;

    public TimeSpan LeaseLeft(long leaseStarted) => account.Lease - time.GetElapsedTime(leaseStarted);

    public async ValueTask<Permit> AcquireAsync(string? tag, TimeSpan patience, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var waiter = new PermitWaiter(tag, patience, time.GetTimestamp());
        LinkedListNode<PermitWaiter> node;
        lock (sync)
        {
            ObjectDisposedException.ThrowIf(isStopped, typeof(PermitLedger));
            node = queue.Add(waiter);
            aloneWake.TrySetResult();
            Start();
        }

        await using var registration = cancellationToken.UnsafeRegister(_ => GiveUp(node, cancellationToken), null).ConfigureAwait(false);
        return await waiter.Task.ConfigureAwait(false);
    }

    public void Release(long number, long grantedAt, ServerReport report)
    {
        if (report.IsRefusal)
            metrics.Refused(account);
        lock (sync)
        {
            if (LocalPermits.IsLocal(number))
                ReleaseAlone(number);
            else
                back.Released.Add(number);
            back.Add(report, grantedAt);
            Wake();
        }
    }

    public void Return(long number)
    {
        lock (sync)
        {
            if (LocalPermits.IsLocal(number))
                ReturnAlone(number);
            else
                back.Returned.Add(number);
            Wake();
        }
    }

    /// <summary>Closes the ledger for all processes.</summary>
    /// <returns>Whether no pause was in force; null where Redis or the journal is away.</returns>
    public async Task<bool?> PauseAsync(TimeSpan length, CancellationToken cancellationToken)
    {
        try
        {
            if (await store.PauseAsync(length).ConfigureAwait(false) is { } isFirst)
                return isFirst;
            await OpenAsync(cancellationToken).ConfigureAwait(false);
            return await store.PauseAsync(length).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Whatever that throws: the response that began this must not be lost over it.
            LogAway(account.Name, exception.Message);
            return null;
        }
    }

    /// <summary>Sends off everyone who waits; permits in use count to the end of their leases unless they went back before.</summary>
    public async Task StopAsync()
    {
        Task last;
        lock (sync)
        {
            isStopped = true;
            while (queue.Next() is { } waiter)
                waiter.TrySetException(new ObjectDisposedException(nameof(PermitLedger)));
            wake.TrySetResult();
            aloneWake.TrySetResult();
            last = running;
        }

        await last.ConfigureAwait(false);
    }

    // Must be called under the lock.
    private void Start()
    {
        if (isRunning)
            return;
        isRunning = true;
        // What the pump does for all must not run in one caller's context.
        using var _ = ExecutionContext.IsFlowSuppressed() ? default(AsyncFlowControl?) : ExecutionContext.SuppressFlow();
        running = Task.Run(RunAsync);
    }

    private void GiveUp(LinkedListNode<PermitWaiter> node, CancellationToken cancellationToken)
    {
        lock (sync)
        {
            if (!queue.Remove(node))
                return;
        }

        node.Value.TrySetCanceled(cancellationToken);
    }

    // Must be called under the lock.
    private void Wake()
    {
        wake.TrySetResult();
        aloneWake.TrySetResult();
        Start();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LoggerMessage(1, LogLevel.Warning, "The ledger of {Account} can't be asked: {Reason}", EventName = "LedgerAway")]
    private partial void LogAway(string account, string reason);

    [LoggerMessage(2, LogLevel.Warning, "The ledger of {Account} was lost; it stays closed for {ClosedFor}", EventName = "LedgerLost")]
    private partial void LogLost(string account, TimeSpan closedFor);

    [LoggerMessage(3, LogLevel.Warning, "Others use the budget of {Account} too, or it is smaller than configured: {Permits} requests per {Window} are left of it", EventName = "LedgerCapped")]
    private partial void LogCapped(string account, int permits, TimeSpan window);

    [LoggerMessage(4, LogLevel.Warning, "Requests of {Account} are sent without the ledger until it can be asked again, by the rule {Rule}", EventName = "LedgerAlone")]
    private partial void LogAlone(string account, StoreFailure rule);
}
