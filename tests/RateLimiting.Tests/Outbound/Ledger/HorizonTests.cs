using Sluice.RateLimiting.Tests.Support;
using Sluice.Testing;

namespace Sluice.RateLimiting.Tests.Outbound.Ledger;

/// <summary>What the pump does when the promise to the journal runs out. It lasts a second for windows this short.</summary>
public sealed class HorizonTests(RedisFixture redis)
{
    private static readonly TimeSpan Promise = TimeSpan.FromSeconds(1);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private readonly LedgerAccount account = LedgerProcess.Account(permits: 1, windowMilliseconds: 4000);

    [Fact]
    public async Task A_permit_that_goes_back_after_it_needs_no_word_of_the_journal()
    {
        FakeTimeProvider time = new();
        await using var process = await LedgerProcess.StartAsync(redis.Server, time: time);
        var permit = await process.AcquireAsync(account).Within();
        time.Advance(Promise);
        process.Journal.IsBroken = true;
        var calls = process.Journal.Calls;
        permit.Release();
        // Ends when the pump has.
        await process.Ledger.DisposeAsync().AsTask().Within();
        Assert.Equal(calls, process.Journal.Calls);
    }

    [Fact]
    public async Task A_permit_that_was_granted_too_late_for_it_is_not_slept_upon()
    {
        await using var server = await RedisServer.StartAsync(Stop);
        FakeTimeProvider time = new();
        await using var process = await LedgerProcess.StartAsync(server, time: time);
        var permit = await process.AcquireAsync(account).Within();
        List<Task<Permit>> waiters = [process.AcquireAsync(account), process.AcquireAsync(account)];
        await Deadline.UntilAsync(() => Task.FromResult(time.PendingTimers > 0), "the pump to sleep", cancellationToken: Stop);
        // The next question renews the promise, and is answered when that is over: with one permit for two.
        time.Advance(0.6 * Promise);
        var calls = process.Journal.Calls;
        using (await Frozen.StartAsync(server))
        {
            permit.Return();
            await Deadline.UntilAsync(() => Task.FromResult(process.Journal.Calls > calls), "the question", cancellationToken: Stop);
            time.Advance(Promise);
        }

        // The clock stands: who sleeps now sleeps on.
        await waiters[0].Within();
        Assert.False(waiters[1].IsCompleted);
    }
}
