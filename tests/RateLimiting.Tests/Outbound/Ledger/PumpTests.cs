using Sluice.RateLimiting.Tests.Support;
using Sluice.Testing;

namespace Sluice.RateLimiting.Tests.Outbound.Ledger;

public sealed class PumpTests(RedisFixture redis)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Waiters_are_granted_in_the_order_of_their_coming_by_one_script_call_for_all()
    {
        await using var server = await RedisServer.StartAsync(Stop);
        await using var process = await LedgerProcess.StartAsync(server);
        var account = LedgerProcess.Account(permits: 100, windowMilliseconds: 3_600_000);
        await process.AcquireAsync(account, 1);
        var before = await process.Redis.ScriptCallsAsync();
        var frozen = await Frozen.StartAsync(server);
        var waiters = Enumerable.Range(0, 150).Select(_ => process.AcquireAsync(account)).ToList();
        frozen.Dispose();
        await Task.WhenAll(waiters.Take(99)).Within();
        // One who came before the freeze had an effect may have asked alone.
        Assert.InRange(await process.Redis.ScriptCallsAsync(), before + 1, before + 3);
        Assert.All(waiters.Skip(99), waiter => Assert.False(waiter.IsCompleted));
    }

    [Fact]
    public async Task An_idle_pump_makes_no_calls()
    {
        await using var server = await RedisServer.StartAsync(Stop);
        await using var idle = await LedgerProcess.StartAsync(server);
        var account = LedgerProcess.Account(permits: 5, windowMilliseconds: 50);
        (await idle.AcquireAsync(account).Within()).Release();
        await UntilDoneAsync(idle, account);
        var calls = await idle.Redis.ScriptCallsAsync();
        var journalCalls = idle.Journal.Calls;

        // Meanwhile another one, elsewhere, goes through several windows.
        await using var busy = await LedgerProcess.StartAsync(redis.Server);
        var other = LedgerProcess.Account(permits: 1, windowMilliseconds: 200);
        for (var window = 0; window < 4; window++)
            (await busy.AcquireAsync(other).Within()).Release();
        Assert.Equal(calls, await idle.Redis.ScriptCallsAsync());
        Assert.Equal(journalCalls, idle.Journal.Calls);
    }

    [Fact]
    public async Task A_waiter_who_gives_up_burns_nothing()
    {
        await using var server = await RedisServer.StartAsync(Stop);
        await using var process = await LedgerProcess.StartAsync(server);
        var account = LedgerProcess.Account(permits: 3, windowMilliseconds: 3_600_000);
        await process.AcquireAsync(account, 1);
        var frozen = await Frozen.StartAsync(server);
        using var patience = new CancellationTokenSource();
        var impatient = Enumerable.Range(0, 2).Select(_ => process.AcquireUntilAsync(account, patience.Token)).ToList();
        await patience.CancelAsync();
        foreach (var waiter in impatient)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiter.Within());
        frozen.Dispose();
        // What the question that was under way was granted goes to those who come now.
        await process.AcquireAsync(account, 2);
    }

    [Fact]
    public async Task A_permit_that_was_not_used_goes_to_the_next_at_once()
    {
        await using var server = await RedisServer.StartAsync(Stop);
        await using var process = await LedgerProcess.StartAsync(server);
        var account = LedgerProcess.Account(permits: 1, windowMilliseconds: 3_600_000);
        var permit = await process.AcquireAsync(account).Within();
        var next = process.AcquireAsync(account);
        permit.Return();
        permit.Release();
        (await next.Within()).Return();
        await process.AcquireAsync(account).Within();
    }

    [Fact]
    public async Task A_permit_is_settled_once_whatever_is_called_later()
    {
        await using var server = await RedisServer.StartAsync(Stop);
        await using var process = await LedgerProcess.StartAsync(server);
        var account = LedgerProcess.Account(permits: 1, windowMilliseconds: 3_600_000);
        var permit = await process.AcquireAsync(account).Within();
        permit.Release();
        permit.Return();
        permit.Release();
        await UntilDoneAsync(process, account);
        var asked = await process.Redis.LastAskedAsync(account);
        using var patience = new CancellationTokenSource();
        var next = process.AcquireUntilAsync(account, patience.Token);
        await process.Redis.UntilAskedAsync(account, asked);
        Assert.Equal((1, 0), (await process.Redis.DoneAsync(account), await process.Redis.InFlightAsync(account)));
        Assert.False(next.IsCompleted);
        await patience.CancelAsync();
    }

    [Fact]
    public async Task Disposal_ends_all_waits_tells_the_ledger_what_went_back_and_refuses_who_comes_later()
    {
        await using var server = await RedisServer.StartAsync(Stop);
        await using var process = await LedgerProcess.StartAsync(server);
        var account = LedgerProcess.Account(permits: 1, windowMilliseconds: 3_600_000);
        var permit = await process.AcquireAsync(account).Within();
        var waiter = process.AcquireAsync(account);
        permit.Release();
        await process.Ledger.DisposeAsync().AsTask().Within();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiter.Within());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => process.AcquireAsync(account));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => process.AcquireAsync(LedgerProcess.Account(1, 1000)));
        Assert.Equal(0, await process.Redis.InFlightAsync(account));
    }

    [Fact]
    public async Task An_account_described_otherwise_than_before_is_an_error()
    {
        await using var server = await RedisServer.StartAsync(Stop);
        await using var process = await LedgerProcess.StartAsync(server);
        var account = LedgerProcess.Account(permits: 2, windowMilliseconds: 1000);
        await process.AcquireAsync(account, 1);
        await process.AcquireAsync(new LedgerAccount(account.Name, [.. account.Tiers], account.Lease), 1);
        await Assert.ThrowsAsync<ArgumentException>(() => process.AcquireAsync(new LedgerAccount(account.Name, account.Tiers, TimeSpan.FromSeconds(1))));
    }

    [Fact]
    public async Task A_window_longer_than_timers_can_wait_is_waited_for()
    {
        await using var server = await RedisServer.StartAsync(Stop);
        await using var process = await LedgerProcess.StartAsync(server);
        var account = new LedgerAccount("yearly", [new(1, TimeSpan.FromDays(366))]);
        var permit = await process.AcquireAsync(account).Within();
        var asked = await process.Redis.LastAskedAsync(account);
        using var patience = new CancellationTokenSource();
        var next = process.AcquireUntilAsync(account, patience.Token);
        await process.Redis.UntilAskedAsync(account, asked);
        permit.Return();
        await next.Within();
    }

    [Fact]
    public async Task Scripts_that_redis_forgot_are_told_again()
    {
        await using var server = await RedisServer.StartAsync(Stop);
        await using var process = await LedgerProcess.StartAsync(server);
        var account = LedgerProcess.Account(permits: 3, windowMilliseconds: 3_600_000);
        for (var permit = 0; permit < 3; permit++)
        {
            await process.AcquireAsync(account, 1);
            await process.Redis.Server().ScriptFlushAsync();
        }

        Assert.Empty(process.Observer.Waits);
    }

    private static Task UntilDoneAsync(LedgerProcess process, LedgerAccount account) => Deadline.UntilAsync(
        async () => await process.Redis.DoneAsync(account) == 1, "the permit to be told of", cancellationToken: Stop);
}
