using Sluice.Testing;

namespace Sluice.RateLimiting.Tests.Outbound.Ledger;

public sealed class WaitReportTests(RedisFixture redis)
{
    // Nobody gets the only permit before it goes back: how long a wait lasts is the test's word.
    private readonly LedgerAccount account = LedgerProcess.Account(permits: 1, windowMilliseconds: 3_600_000);

    [Fact]
    public async Task A_wait_that_requests_share_is_reported_once_per_tag_with_its_cause()
    {
        await using var process = await LedgerProcess.StartAsync(redis.Server);
        var permit = await process.AcquireAsync(account).Within();
        var asked = await process.Redis.LastAskedAsync(account);
        var began = TimeProvider.System.GetTimestamp();
        var waiters = new[] { "a", "b", null, "a", "b" }.Select(tag => process.AcquireAsync(account, tag)).ToList();
        await process.Redis.UntilWaitedAsync(account, asked);
        permit.Return();
        permit = await waiters[0].Within();

        var waits = process.Observer.Waits.ToList();
        Assert.Equal(["a", "b"], waits.Select(wait => wait.Tag).Order());
        Assert.All(waits, wait =>
        {
            Assert.Equal((account.Name, WaitCause.Ledger), (wait.Account, wait.Cause));
            Assert.True(wait.Started >= began);
            Assert.True(wait.Ended > wait.Started);
        });

        await LedgerInRedis.PassAsync();
        permit.Return();
        await waiters[1].Within();

        foreach (var tag in process.Observer.Waits.GroupBy(wait => wait.Tag))
            Assert.All(tag.Zip(tag.Skip(1)), two => Assert.True(two.First.Ended <= two.Second.Started));
    }

    [Fact]
    public async Task A_short_one_is_not()
    {
        await using var process = await LedgerProcess.StartAsync(redis.Server);
        var quick = LedgerProcess.Account(permits: 1, windowMilliseconds: 1);
        for (var wait = 0; wait < 20; wait++)
            (await process.AcquireAsync(quick, "quick").Within()).Release();
        Assert.All(process.Observer.Waits, wait =>
            Assert.True(TimeProvider.System.GetElapsedTime(wait.Started, wait.Ended) >= TimeSpan.FromMilliseconds(50)));
    }

    [Fact]
    public async Task Who_comes_late_waited_from_then_on()
    {
        await using var process = await LedgerProcess.StartAsync(redis.Server);
        var permit = await process.AcquireAsync(account).Within();
        var asked = await process.Redis.LastAskedAsync(account);
        var early = process.AcquireAsync(account, "early");
        await process.Redis.UntilAskedAsync(account, asked);
        var came = TimeProvider.System.GetTimestamp();
        _ = process.AcquireAsync(account, "late");
        await LedgerInRedis.PassAsync();
        permit.Return();
        await early.Within();
        var started = process.Observer.Waits.ToDictionary(wait => wait.Tag, wait => wait.Started, StringComparer.Ordinal);
        Assert.True(started["early"] < came);
        Assert.True(started["late"] >= came);
    }
}
