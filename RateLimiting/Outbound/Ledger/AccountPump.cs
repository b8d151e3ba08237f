using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Sluice.RateLimiting.Outbound;

/// <summary>
/// Speaks to an account's ledger for all callers of this process: one script call takes back what has ended and asks for everyone
/// who waits. It sleeps until a permit can be had at the earliest; only permits that go back wake it sooner. Thread-safe.
/// </summary>
internal sealed partial class AccountPump(
    LedgerAccount account, LedgerStore store, LedgerHorizon horizon, WaitReports reports, LedgerMetrics metrics, TimeProvider time, ILogger logger)
{
    private const int LargestQuestion = 1000;

    /// <summary>Timers have an end; who wakes early asks again.</summary>
    private static readonly TimeSpan LongestSleep = TimeSpan.FromHours(1);

    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(1);

    private readonly Lock sync = new();
    private readonly PermitQueue queue = new();
    private List<long> released = [];
    private List<long> returned = [];
    private TaskCompletionSource wake = NewSignal();
    private Task running = Task.CompletedTask;
    private bool isRunning;
    private bool isStopped;
    private long nextNumber;
    private TimeSpan backoff = FirstBackoff;

    public LedgerAccount Account => account;

    public TimeSpan LeaseLeft(long leaseStarted) => account.Lease - time.GetElapsedTime(leaseStarted);

    public async ValueTask<Permit> AcquireAsync(string? tag, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var waiter = new PermitWaiter(tag, time.GetTimestamp());
        LinkedListNode<PermitWaiter> node;
        lock (sync)
        {
            ObjectDisposedException.ThrowIf(isStopped, typeof(PermitLedger));
            node = queue.Add(waiter);
            Start();
        }

        await using var registration = cancellationToken.UnsafeRegister(_ => GiveUp(node, cancellationToken), null).ConfigureAwait(false);
        return await waiter.Task.ConfigureAwait(false);
    }

    public void Release(long number)
    {
        lock (sync)
        {
            released.Add(number);
            Wake();
        }
    }

    public void Return(long number)
    {
        lock (sync)
        {
            returned.Add(number);
            Wake();
        }
    }

    /// <summary>Closes the ledger for all processes.</summary>
    /// <returns>Whether no pause was in force, as far as can be seen.</returns>
    public async Task<bool> PauseAsync(TimeSpan length, CancellationToken cancellationToken)
    {
        metrics.Refused(account);
        try
        {
            if (await store.PauseAsync(length).ConfigureAwait(false) is { } isFirst)
                return isFirst;
            await OpenAsync(cancellationToken).ConfigureAwait(false);
            return await store.PauseAsync(length).ConfigureAwait(false) ?? true;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Redis or the journal is away, whatever that throws; the response that began this must not be lost over it.
            LogAway(account.Name, exception.Message);
            return true;
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
        Start();
    }

    private async Task RunAsync()
    {
        while (Take() is { } question)
        {
            var asked = time.GetTimestamp();
            TimeSpan pause;
            try
            {
                pause = await AskAsync(question, asked).ConfigureAwait(false);
                backoff = FirstBackoff;
            }
            catch (Exception exception)
            {
                // Redis or the journal is away, whatever that throws. The pump must go on: others wait for it.
                LogAway(account.Name, exception.Message);
                pause = PutBack(question, asked);
            }

            if (pause > TimeSpan.Zero)
                await SleepAsync(pause).ConfigureAwait(false);
        }
    }

    private LedgerQuestion? Take()
    {
        lock (sync)
        {
            if (queue.Count == 0)
                reports.Over(queue);
            if (queue.Count == 0 && released.Count == 0 && returned.Count == 0 || isStopped && backoff > FirstBackoff)
            {
                isRunning = false;
                return null;
            }

            wake = NewSignal();
            // Before a promise to the journal one looks whether the ledger is there: the promise would make a new one look lost.
            var wanted = horizon.Covers ? Math.Min(queue.Count, LargestQuestion) : 0;
            var question = new LedgerQuestion(wanted, nextNumber, released, returned);
            (released, returned) = ([], []);
            nextNumber += question.Wanted;
            return question;
        }
    }

    private async Task<TimeSpan> AskAsync(LedgerQuestion question, long asked)
    {
        if (question.Wanted > 0)
            await horizon.EnsureAsync(CancellationToken.None).ConfigureAwait(false);
        var leaseStarted = time.GetTimestamp();
        if (await store.AskAsync(question).ConfigureAwait(false) is not { } answer)
        {
            await OpenAsync(CancellationToken.None).ConfigureAwait(false);
            return TimeSpan.Zero;
        }

        TimeSpan pause;
        bool isWaitedFor;
        lock (sync)
        {
            if (answer.Granted > 0)
                HandOut(question.FirstNumber, answer.Granted, leaseStarted);
            isWaitedFor = queue.Count > 0;
            // What came too late to be handed out goes back first: it is for those who wait.
            pause = isWaitedFor && returned.Count == 0 ? answer.Wait : TimeSpan.Zero;
            if (pause > TimeSpan.Zero)
                reports.Blocked(answer.Cause, answer.Granted > 0 ? time.GetTimestamp() : asked, queue);
        }

        if (isWaitedFor && !horizon.Covers && pause == TimeSpan.Zero)
            await horizon.EnsureAsync(CancellationToken.None).ConfigureAwait(false);
        return pause;
    }

    // Must be called under the lock.
    private void HandOut(long firstNumber, int granted, long leaseStarted)
    {
        reports.Over(queue);
        metrics.Granted(account, granted);
        for (var number = firstNumber; number < firstNumber + granted; number++)
        {
            if (horizon.Covers && queue.Next() is { } waiter)
                waiter.TrySetResult(new Permit(this, number, leaseStarted));
            else
                returned.Add(number);
        }
    }

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        var closedFor = await horizon.ClosedForAsync(cancellationToken).ConfigureAwait(false);
        if (await store.OpenAsync(closedFor).ConfigureAwait(false) && closedFor > TimeSpan.Zero)
            LogLost(account.Name, closedFor);
    }

    // The question may have been answered all the same: what it was granted was not used.
    private TimeSpan PutBack(LedgerQuestion question, long asked)
    {
        lock (sync)
        {
            released.AddRange(question.Released);
            returned.AddRange(question.Returned);
            for (var number = question.FirstNumber; number < question.FirstNumber + question.Wanted; number++)
                returned.Add(number);
            if (queue.Count > 0)
                reports.Blocked(WaitCause.Store, asked, queue);
            wake = NewSignal();
        }

        var pause = backoff;
        backoff = TimeSpan.FromTicks(Math.Min(backoff.Ticks * 2, LongestBackoff.Ticks));
        return pause;
    }

    // In whole milliseconds, rounded up: the timer would else ring before the permit can be had.
    private async Task SleepAsync(TimeSpan pause) =>
        await wake.Task.WaitAsync(TimeSpan.FromMilliseconds(Math.Ceiling(Math.Min(pause.TotalMilliseconds, LongestSleep.TotalMilliseconds))), time)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LoggerMessage(1, LogLevel.Warning, "The ledger of {Account} can't be asked, nothing is sent: {Reason}", EventName = "LedgerAway")]
    private partial void LogAway(string account, string reason);

    [LoggerMessage(2, LogLevel.Warning, "The ledger of {Account} was lost; it stays closed for {ClosedFor}", EventName = "LedgerLost")]
    private partial void LogLost(string account, TimeSpan closedFor);
}
