using Sluice.Testing;

namespace Sluice.RateLimiting.Tests.Outbound.Ledger;

public sealed class WaitReportTests(RedisFixture redis)
{
    private readonly LedgerAccount account = LedgerProcess.Account(permits: 2, windowMilliseconds: 300);

    [Fact]
    public async Task A_wait_that_requests_share_is_reported_once_per_tag_with_its_cause()
    {
        await using var process = await LedgerProcess.StartAsync(redis.Server);
        foreach (var permit in await process.AcquireAsync(account, 2))
            permit.Release();
        var began = TimeProvider.System.GetTimestamp();
        var waiters = new[] { "a", "b", null, "a", "b" }.Select(tag => process.AcquireAsync(account, tag)).ToList();
        foreach (var permit in await Task.WhenAll(waiters.Take(2)).Within())
            permit.Release();

        var waits = process.Observer.Waits.ToList();
        Assert.Equal(["a", "b"], waits.Select(wait => wait.Tag).Distinct().Order());
        Assert.All(waits, wait =>
        {
            Assert.Equal((account.Name, WaitCause.Ledger), (wait.Account, wait.Cause));
            Assert.True(wait.Started >= began);
            Assert.True(wait.Ended > wait.Started);
        });
        await Task.WhenAll(waiters.Skip(2).Take(2)).Within();
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
        foreach (var permit in await process.AcquireAsync(account, 2))
            permit.Release();
        var early = process.AcquireAsync(account, "early");
        var late = process.AcquireAsync(account, "late");
        await Task.WhenAll(early, late).Within();
        var waits = process.Observer.Waits.ToDictionary(wait => wait.Tag, wait => wait.Started, StringComparer.Ordinal);
        Assert.True(!waits.TryGetValue("late", out var started) || started >= waits["early"]);
    }
}
