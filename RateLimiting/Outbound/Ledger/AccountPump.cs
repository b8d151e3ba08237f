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
    private Returns back = new();
    private TaskCompletionSource wake = NewSignal();
    private Task running = Task.CompletedTask;
    private bool isRunning;
    private bool isStopped;
    private long nextNumber;
    private TimeSpan backoff = FirstBackoff;

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
                EndAlone();
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
            if (queue.Count == 0 && back.IsEmpty && !isAlone || isStopped && backoff > FirstBackoff)
            {
                isRunning = false;
                return null;
            }

            wake = NewSignal();
            // Before a promise to the journal one looks whether the ledger is there: the promise would make a new one look lost.
            var wanted = horizon.Covers && !isAlone ? Math.Min(queue.Count, LargestQuestion) : 0;
            var question = new LedgerQuestion(wanted, nextNumber, back);
            back = new();
            nextNumber += question.Wanted;
            return question;
        }
    }

    private async Task<TimeSpan> AskAsync(LedgerQuestion question, long asked)
    {
        if (question.Wanted > 0 || isAlone)
            await horizon.EnsureAsync(CancellationToken.None).ConfigureAwait(false);
        var leaseStarted = time.GetTimestamp();
        if (await store.AskAsync(question).ConfigureAwait(false) is not { } answer)
        {
            await OpenAsync(CancellationToken.None).ConfigureAwait(false);
            return TimeSpan.Zero;
        }

        Tell(answer);
        TimeSpan pause;
        bool isWaitedFor;
        lock (sync)
        {
            if (answer.Granted > 0)
                HandOut(question.FirstNumber, answer, leaseStarted);
            // What came too late to be handed out goes back first: it is for those who wait.
            pause = queue.Count > 0 && back.Returned.Count == 0 ? answer.Wait : TimeSpan.Zero;
            if (pause > TimeSpan.Zero)
            {
                reports.Blocked(answer.Cause, answer.Granted > 0 ? time.GetTimestamp() : asked, queue);
                Refuse(pause, answer.Cause);
            }

            isWaitedFor = queue.Count > 0;
        }

        if (isWaitedFor && !horizon.Covers && pause == TimeSpan.Zero)
            await horizon.EnsureAsync(CancellationToken.None).ConfigureAwait(false);
        return isWaitedFor ? pause : TimeSpan.Zero;
    }

    // Must be called under the lock.
    private void HandOut(long firstNumber, LedgerAnswer answer, long leaseStarted)
    {
        reports.Over(queue);
        metrics.Granted(account, answer.Granted);
        for (var number = firstNumber; number < firstNumber + answer.Granted; number++)
        {
            if (horizon.Covers && queue.Next() is { } waiter)
                waiter.TrySetResult(new Permit(this, number, leaseStarted, answer.Now));
            else
                back.Returned.Add(number);
        }
    }

    // Must be called under the lock.
    private void Refuse(TimeSpan wait, WaitCause cause)
    {
        foreach (var waiter in queue.TakeImpatient(wait, time))
            waiter.TrySetException(new RequestNotSentException(account.Name, cause, wait));
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
            back.PutBack(question.Back);
            for (var number = question.FirstNumber; number < question.FirstNumber + question.Wanted; number++)
                back.Returned.Add(number);
            BeginAlone();
            if (queue.Count > 0 && !isAlone)
            {
                reports.Blocked(WaitCause.Store, asked, queue);
                Refuse(backoff, WaitCause.Store);
            }

            wake = NewSignal();
        }

        var pause = backoff;
        backoff = TimeSpan.FromTicks(Math.Min(backoff.Ticks * 2, LongestBackoff.Ticks));
        return pause;
    }

    // In whole milliseconds, rounded up: the timer would else ring before the permit can be had.
    private async Task SleepAsync(TimeSpan pause) => await wake.Task.WaitAsync(Rounded(pause), time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private static TimeSpan Rounded(TimeSpan pause) =>
        TimeSpan.FromMilliseconds(Math.Ceiling(Math.Min(pause.TotalMilliseconds, LongestSleep.TotalMilliseconds)));

    private void Tell(LedgerAnswer answer)
    {
        metrics.Measured(account, answer);
        if (answer.Cap is { } cap)
            LogCapped(account.Name, cap.Permits, cap.Window);
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
