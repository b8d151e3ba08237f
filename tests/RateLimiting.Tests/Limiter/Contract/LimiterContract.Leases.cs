using Sluice.Testing;

namespace Sluice.RateLimiting.Tests.Limiter.Contract;

public abstract partial class LimiterContract
{
    [Fact]
    public async Task A_lease_is_in_use_until_it_is_returned_however_often_that_happens()
    {
        await using var run = await StartAsync(RateLimitAlgorithm.Concurrency, permits: 2);
        var first = await AcquireAsync(run);
        var second = await AcquireAsync(run);
        var refused = await AcquireAsync(run);
        Assert.False(refused.IsGranted);
        Assert.InRange(refused.RetryAfter, Microsecond, Minute);
        await refused.DisposeAsync();
        await first.DisposeAsync();
        await first.DisposeAsync();
        Assert.Equal(1, (await PeekAsync(run)).Tiers[0].Remaining);
        Assert.True((await AcquireAsync(run)).IsGranted);
        await first.DisposeAsync();
        Assert.False((await AcquireAsync(run)).IsGranted);
        await second.DisposeAsync();
        Assert.True((await AcquireAsync(run)).IsGranted);
    }

    [Fact]
    public async Task A_lease_of_many_units_returns_them_all()
    {
        await using var run = await StartAsync(RateLimitAlgorithm.Concurrency, permits: 5);
        var many = await AcquireAsync(run, 4);
        Assert.Equal(1, many.Tiers[0].Remaining);
        await many.RefundAsync();
        Assert.Equal(1, (await PeekAsync(run)).Tiers[0].Remaining);
        await many.DisposeAsync();
        Assert.Equal(5, (await PeekAsync(run)).Tiers[0].Remaining);
    }

    [Fact]
    public async Task A_lease_that_comes_back_goes_to_who_has_waited_longest()
    {
        await using var run = await StartAsync(RateLimitAlgorithm.Concurrency, permits: 1, policy => policy.MaxWait = 60 * Minute);
        var held = await QueueAsync(run).Within();
        Task<RateLimitDecision>[] waiting = [QueueAsync(run), QueueAsync(run), QueueAsync(run)];
        await run.UntilSleepingAsync(1);
        for (var next = 0; next < waiting.Length; next++)
        {
            Assert.All(waiting[next..], waiter => Assert.False(waiter.IsCompleted));
            await held.DisposeAsync();
            held = await waiting[next].Within();
            Assert.True(held.IsGranted);
        }
    }

    [Fact]
    public async Task Who_gives_up_waiting_for_a_lease_lets_the_next_pass()
    {
        await using var run = await StartAsync(RateLimitAlgorithm.Concurrency, permits: 1, policy => policy.MaxWait = 60 * Minute);
        var held = await AcquireAsync(run);
        using var patience = new CancellationTokenSource();
        var first = WaitAsync(run, 1, patience.Token);
        var second = QueueAsync(run);
        await run.UntilSleepingAsync(1);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.Within());
        await held.DisposeAsync();
        Assert.True((await second.Within()).IsGranted);
    }

    [Fact]
    public async Task Who_has_waited_as_long_as_allowed_for_a_lease_is_refused()
    {
        await using var run = await StartAsync(RateLimitAlgorithm.Concurrency, permits: 1, policy => policy.MaxWait = Minute / 6);
        var held = await AcquireAsync(run);
        var waiter = QueueAsync(run);
        await run.UntilSleepingAsync(1);
        await run.AdvanceAsync(Minute / 6);
        Assert.False((await waiter.Within()).IsGranted);
        await held.DisposeAsync();
        Assert.True((await AcquireAsync(run)).IsGranted);
    }

    [Fact]
    public async Task A_lease_that_a_reset_has_ended_frees_nobody_elses_when_it_is_returned()
    {
        await using var run = await StartAsync(RateLimitAlgorithm.Concurrency, permits: 1);
        var ended = await AcquireAsync(run);
        await run.Limiter.ResetAsync(Policy, client, Stop);
        Assert.True((await AcquireAsync(run)).IsGranted);
        await ended.DisposeAsync();
        Assert.False((await AcquireAsync(run)).IsGranted);
    }

    [Fact]
    public async Task Leases_and_rates_hold_together()
    {
        await using var run = await StartAsync(policy => policy.Concurrency(1, Minute, "at-once").SlidingWindow(2, Minute, "rate"));
        var first = await AcquireAsync(run);
        var refused = await AcquireAsync(run);
        Assert.False(refused.IsGranted);
        Assert.Equal([0, 1], refused.Tiers.Select(tier => tier.Remaining));
        await first.DisposeAsync();
        var second = await AcquireAsync(run);
        Assert.True(second.IsGranted);
        await second.DisposeAsync();
        refused = await AcquireAsync(run);
        Assert.Equal(("rate", Minute), (refused.BindingTier!.Value.Tier.Name, refused.RetryAfter));
        Assert.Equal(1, refused.Tiers[0].Remaining);
    }

    [Fact]
    public async Task Who_waits_for_leases_and_rates_gets_both()
    {
        await using var run = await StartAsync(policy => policy.Concurrency(1, Minute, "at-once").SlidingWindow(2, Minute, "rate"));
        var first = await AcquireAsync(run);
        var second = QueueAsync(run);
        await run.UntilSleepingAsync(1);
        await first.DisposeAsync();
        await (await second.Within()).DisposeAsync();
        var third = QueueAsync(run);
        await run.UntilSleepingAsync(1);
        await run.AdvanceAsync(Minute);
        var decision = await third.Within();
        Assert.True(decision.IsGranted);
        Assert.False((await AcquireAsync(run)).IsGranted);
        await decision.DisposeAsync();
        Assert.True((await AcquireAsync(run)).IsGranted);
    }
}
