using Sluice.Testing;

namespace Sluice.RateLimiting.Tests.Ledger;

public sealed class WaitReportTests(RedisFixture redis)
{
    private readonly LedgerAccount account = LedgerProcess.Account(permits: 2, windowMilliseconds: 300);

    [Fact]
    public async Task A_wait_is_reported_once_per_tag_with_its_cause()
    {
        await using var process = await LedgerProcess.StartAsync(redis.Server);
        foreach (var permit in await process.AcquireAsync(account, 2))
            permit.Release();
        var began = TimeProvider.System.GetTimestamp();
        var waiters = new[] { "a", "b", null, "a", "b" }.Select(tag => process.AcquireAsync(account, tag)).ToList();
        foreach (var permit in await Task.WhenAll(waiters.Take(2)).Within())
            permit.Release();

        var waits = process.Observer.Waits.ToList();
        Assert.Equal(["a", "b"], waits.Select(wait => wait.Tag).Order());
        Assert.All(waits, wait =>
        {
            Assert.Equal((account.Name, LedgerWaitCause.Ledger), (wait.Account, wait.Cause));
            Assert.True(wait.Started >= began);
            Assert.True(wait.Ended > wait.Started);
        });
        Assert.Single(waits.Select(wait => wait.Ended).Distinct());
        foreach (var permit in await Task.WhenAll(waiters.Skip(2).Take(2)).Within())
            permit.Release();
        await waiters[4].Within();
        Assert.Equal(["a", "a", "b", "b", "b"], process.Observer.Waits.Select(wait => wait.Tag).Order());
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
        await Deadline.UntilAsync(() => Task.FromResult(!early.IsCompleted), "a wait", cancellationToken: TestContext.Current.CancellationToken);
        var late = process.AcquireAsync(account, "late");
        await Task.WhenAll(early, late).Within();
        var waits = process.Observer.Waits.ToDictionary(wait => wait.Tag, wait => wait.Started, StringComparer.Ordinal);
        Assert.True(!waits.TryGetValue("late", out var started) || started >= waits["early"]);
    }
}
