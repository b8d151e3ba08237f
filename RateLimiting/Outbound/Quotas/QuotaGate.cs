using Microsoft.Extensions.Logging;

namespace Sluice.RateLimiting.Outbound;

/// <summary>
/// Charges requests of an account to its quotas in the journal, those that come together in one call. Nothing is held in advance: a process
/// that dies costs the quota only what it had charged and not yet sent. Thread-safe.
/// </summary>
internal sealed partial class QuotaGate(LedgerAccount account, IReadOnlyList<QuotaOptions> quotas, ILedgerJournal journal, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(1);

    private readonly Lock sync = new();
    private List<Waiter> waiters = [];
    private Dictionary<string, (IReadOnlyList<QuotaPeriod> Periods, int Requests)> givenBack = [];
    private bool isRunning;

    /// <summary>Charges a request.</summary>
    /// <returns>The periods that it is charged to.</returns>
    /// <exception cref="QuotaExhaustedException">One of them is used up.</exception>
    public async ValueTask<IReadOnlyList<QuotaPeriod>> ChargeAsync(CancellationToken cancellationToken)
    {
        Waiter waiter = new();
        lock (sync)
        {
            waiters.Add(waiter);
            Start();
        }

        await using var registration = cancellationToken
            .UnsafeRegister(static (state, token) => ((Waiter)state!).TrySetCanceled(token), waiter).ConfigureAwait(false);
        return await waiter.Task.ConfigureAwait(false);
    }

    /// <summary>Nothing was sent for a request that was charged.</summary>
    public void GiveBack(IReadOnlyList<QuotaPeriod> periods)
    {
        if (periods.Count == 0)
            return;
        lock (sync)
        {
            var key = KeyOf(periods);
            givenBack[key] = (periods, givenBack.GetValueOrDefault(key).Requests + 1);
            Start();
        }
    }

    // Must be called under the lock.
    private void Start()
    {
        if (isRunning)
            return;
        isRunning = true;
        // What is done for all must not run in one caller's context.
        using var flow = ExecutionContext.IsFlowSuppressed() ? default(AsyncFlowControl?) : ExecutionContext.SuppressFlow();
        _ = Task.Run(RunAsync);
    }

    private async Task RunAsync()
    {
        var backoff = FirstBackoff;
        while (Take() is { } taken)
        {
            try
            {
                // What fails is not tried again: it may have been done, and nothing is given back twice.
                foreach (var (key, (periods, requests)) in taken.GivenBack)
                {
                    taken.GivenBack.Remove(key);
                    await journal.ChargeAsync(account.Name, periods, -requests, CancellationToken.None).ConfigureAwait(false);
                }

                if (taken.Waiters.Count > 0)
                    await ChargeAsync(taken.Waiters).ConfigureAwait(false);
                backoff = FirstBackoff;
            }
            catch (Exception exception)
            {
                // The journal is away, whatever that throws. The others wait for this loop.
                LogAway(account.Name, exception.Message);
                PutBack(taken);
                await Task.Delay(backoff, time, CancellationToken.None).ConfigureAwait(false);
                backoff = TimeSpan.FromTicks(Math.Min(backoff.Ticks * 2, LongestBackoff.Ticks));
            }
        }
    }

    private async Task ChargeAsync(List<Waiter> charged)
    {
        var now = time.GetUtcNow();
        QuotaPeriod[] periods = [.. quotas.Select(quota => QuotaPeriod.At(quota, now))];
        var charge = await journal.ChargeAsync(account.Name, periods, charged.Count, CancellationToken.None).ConfigureAwait(false);
        foreach (var waiter in charged.Take(charge.Granted))
            if (!waiter.TrySetResult(periods))
                GiveBack(periods);
        if (charge.Granted == charged.Count)
            return;

        // All periods must have room: the one that lasts longest counts.
        var full = periods.Zip(charge.Used).Where(period => period.Second >= period.First.Limit).MaxBy(period => period.First.End).First;
        foreach (var waiter in charged.Skip(charge.Granted))
            waiter.TrySetException(new QuotaExhaustedException(account.Name, full, TimeSpan.FromTicks(Math.Max(0, (full.End - now).Ticks))));
    }

    private Work? Take()
    {
        lock (sync)
        {
            waiters.RemoveAll(static waiter => waiter.Task.IsCompleted);
            if (waiters.Count == 0 && givenBack.Count == 0)
            {
                isRunning = false;
                return null;
            }

            Work taken = new(waiters, givenBack);
            (waiters, givenBack) = ([], []);
            return taken;
        }
    }

    private void PutBack(Work taken)
    {
        lock (sync)
        {
            var passes = account.OnStoreFailure != StoreFailure.Deny;
            foreach (var waiter in taken.Waiters.Where(_ => passes))
                waiter.TrySetResult([]);
            waiters.InsertRange(0, taken.Waiters.Where(waiter => !waiter.Task.IsCompleted));
            foreach (var (key, (periods, requests)) in taken.GivenBack)
                givenBack[key] = (periods, givenBack.GetValueOrDefault(key).Requests + requests);
        }
    }

    private static string KeyOf(IReadOnlyList<QuotaPeriod> periods) => string.Join('|', periods.Select(period => period.Key));

    [LoggerMessage(1, LogLevel.Warning, "The quotas of {Account} can't be charged: {Reason}", EventName = "QuotasAway")]
    private partial void LogAway(string account, string reason);

    private sealed record Work(List<Waiter> Waiters, Dictionary<string, (IReadOnlyList<QuotaPeriod> Periods, int Requests)> GivenBack);

    /// <summary>Its continuation runs on the thread pool.</summary>
    private sealed class Waiter() : TaskCompletionSource<IReadOnlyList<QuotaPeriod>>(TaskCreationOptions.RunContinuationsAsynchronously);
}
