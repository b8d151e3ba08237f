using Sluice.RateLimiting.Tests.Support;
using Sluice.Testing;

namespace Sluice.RateLimiting.Tests.Outbound.Ledger;

public sealed class OutageTests(RedisFixture redis)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private readonly LedgerAccount account = LedgerProcess.Account(permits: 2, windowMilliseconds: 200, leaseMilliseconds: 200);

    [Fact]
    public async Task While_redis_is_away_nobody_is_granted_and_when_it_is_back_the_lost_ledger_stays_closed_and_then_goes_on()
    {
        await using var server = await RedisServer.StartAsync(Stop);
        await using var process = await LedgerProcess.StartAsync(server);
        var permit = await process.AcquireAsync(account).Within();
        await server.KillAsync();
        permit.Release();
        var waiter = process.AcquireAsync(account, "waiter");
        Assert.True(await process.Ledger.PauseAsync(account, TimeSpan.FromMilliseconds(1), Stop).Within());
        Assert.False(waiter.IsCompleted);
        // The ledger begins anew as soon as Redis is back, and its time goes by the horizon, which may only be put farther off.
        var away = TimeProvider.System.GetTimestamp();
        var left = TimeSpan.FromMilliseconds(400) - process.Journal.SinceHorizon(account);
        await server.RestartAsync(Stop);
        await waiter.Within();
        Assert.True(TimeProvider.System.GetElapsedTime(away) >= left);
        Assert.Equal(WaitCause.Store, process.Observer.Waits.First().Cause);
        // Unless the connection came back so late that the time was over.
        Assert.All(process.Observer.Waits.Skip(1), wait => Assert.Equal(WaitCause.Lost, wait.Cause));
    }

    [Fact]
    public async Task A_ledger_that_is_disposed_of_while_redis_is_away_ends()
    {
        await using var server = await RedisServer.StartAsync(Stop);
        var process = await LedgerProcess.StartAsync(server);
        var permit = await process.AcquireAsync(account).Within();
        await server.KillAsync();
        permit.Release();
        var waiter = process.AcquireAsync(account);
        await process.DisposeAsync().AsTask().Within();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiter.Within());
    }

    [Fact]
    public async Task What_a_frozen_redis_was_asked_and_granted_late_is_not_lost()
    {
        await using var server = await RedisServer.StartAsync(Stop);
        await using var process = await LedgerProcess.StartAsync(server, storeTimeout: TimeSpan.FromSeconds(2));
        var hourly = LedgerProcess.Account(permits: 3, windowMilliseconds: 3_600_000);
        await process.AcquireAsync(hourly, 1);
        Task<Permit> waiter;
        using (await Frozen.StartAsync(server))
        {
            waiter = process.AcquireAsync(hourly);
            await process.Log.WrittenAsync("LedgerAway").Within();
        }

        await waiter.Within();
        await process.AcquireAsync(hourly, 1);
    }

    [Fact]
    public async Task While_the_journal_is_broken_nothing_is_sent()
    {
        await using var process = await LedgerProcess.StartAsync(redis.Server);
        process.Journal.IsBroken = true;
        var waiter = process.AcquireAsync(account, "waiter");
        await Deadline.UntilAsync(() => Task.FromResult(process.Journal.Calls > 3), "attempts", cancellationToken: Stop);
        Assert.False(waiter.IsCompleted);
        process.Journal.IsBroken = false;
        await waiter.Within();
        Assert.Equal(WaitCause.Store, Assert.Single(process.Observer.Waits).Cause);
    }

    [Fact]
    public async Task A_journal_that_breaks_later_stops_the_grants_when_its_last_word_is_over()
    {
        await using var process = await LedgerProcess.StartAsync(redis.Server);
        await process.AcquireAsync(account, 1);
        process.Journal.IsBroken = true;
        // Promises last a second here.
        await Deadline.UntilAsync(() => Task.FromResult(process.Journal.SinceHorizon(account) > TimeSpan.Zero), "the horizon", cancellationToken: Stop);
        var calls = process.Journal.Calls;
        var waiter = process.AcquireAsync(account);
        await Deadline.UntilAsync(() => Task.FromResult(process.Journal.Calls > calls + 2), "attempts", cancellationToken: Stop);
        Assert.False(waiter.IsCompleted);
        process.Journal.IsBroken = false;
        await waiter.Within();
    }

    [Fact]
    public async Task A_pause_while_the_journal_is_broken_is_no_error_of_the_request_that_was_refused()
    {
        await using var process = await LedgerProcess.StartAsync(redis.Server);
        process.Journal.IsBroken = true;
        Assert.True(await process.Ledger.PauseAsync(account, TimeSpan.FromSeconds(1), Stop).Within());
    }
}
