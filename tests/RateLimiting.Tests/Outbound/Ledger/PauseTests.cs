using Sluice.Testing;

namespace Sluice.RateLimiting.Tests.Outbound.Ledger;

public sealed class PauseTests(RedisFixture redis)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private readonly LedgerAccount account = LedgerProcess.Account(permits: 10, windowMilliseconds: 100);

    [Fact]
    public async Task A_pause_stops_all_processes_until_it_is_over()
    {
        await using var one = await LedgerProcess.StartAsync(redis.Server);
        await using var other = await LedgerProcess.StartAsync(redis.Server);
        await one.AcquireAsync(account, 1);
        await other.AcquireAsync(account, 1);
        var length = TimeSpan.FromMilliseconds(400);
        // Again where the other one came so late that there was nothing left to wait for.
        await Deadline.UntilAsync(
            async () =>
            {
                var began = TimeProvider.System.GetTimestamp();
                Assert.True(await one.Ledger.PauseAsync(account, length, Stop).Within());
                foreach (var permit in await Task.WhenAll(one.AcquireAsync(account, "one"), other.AcquireAsync(account, "other")).Within())
                    permit.Return();
                Assert.True(TimeProvider.System.GetElapsedTime(began) >= length);
                return !other.Observer.Waits.IsEmpty;
            },
            "a wait of the other one",
            cancellationToken: Stop);
        Assert.Equal(WaitCause.Pause, Assert.Single(other.Observer.Waits).Cause);
    }

    [Fact]
    public async Task It_is_recorded_by_one_and_the_longest_end_holds()
    {
        await using var one = await LedgerProcess.StartAsync(redis.Server);
        await using var other = await LedgerProcess.StartAsync(redis.Server);
        bool[] isFirst =
        [
            await one.Ledger.PauseAsync(account, TimeSpan.FromSeconds(30), Stop).Within(),
            await other.Ledger.PauseAsync(account, TimeSpan.FromMilliseconds(1), Stop).Within(),
            await other.Ledger.PauseAsync(account, TimeSpan.FromSeconds(60), Stop).Within(),
        ];
        Assert.Equal([true, false, false], isFirst);
        var closed = await one.Redis.GetDatabase().HashGetAllAsync($"pl:{{{account.Name}}}:state");
        var state = closed.ToDictionary(field => (string)field.Name!, field => (string)field.Value!, StringComparer.Ordinal);
        var left = long.Parse(state["closed_until"], System.Globalization.CultureInfo.InvariantCulture)
            - long.Parse(state["now"], System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(60_000_000, left);
    }

    [Fact]
    public async Task A_refusal_while_the_ledger_is_closed_for_another_reason_is_recorded_too_and_once()
    {
        await using var process = await LedgerProcess.StartAsync(redis.Server);
        process.Journal.SetSinceHorizon(account, TimeSpan.Zero);
        Assert.True(await process.Ledger.PauseAsync(account, TimeSpan.FromSeconds(5), Stop).Within());
        Assert.False(await process.Ledger.PauseAsync(account, TimeSpan.FromSeconds(5), Stop).Within());
    }

    [Fact]
    public async Task The_next_pause_is_recorded_again()
    {
        await using var process = await LedgerProcess.StartAsync(redis.Server);
        for (var pause = 0; pause < 2; pause++)
        {
            Assert.True(await process.Ledger.PauseAsync(account, TimeSpan.FromMilliseconds(50), Stop).Within());
            await process.AcquireAsync(account, 1);
        }
    }
}
