namespace Sluice.RateLimiting.Outbound;

/// <summary>What the pump itself does, one question after the other, for as long as anybody waits or anything has ended.</summary>
internal sealed partial class AccountPump
{
    private const int LargestQuestion = 1000;

    /// <summary>Timers have an end; who wakes early asks again.</summary>
    private static readonly TimeSpan LongestSleep = TimeSpan.FromHours(1);

    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(1);

    private long nextNumber;
    private TimeSpan backoff = FirstBackoff;

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
}
