using Sluice.Testing;

namespace Sluice.RateLimiting.Tests.Limiter.Contract;

public abstract partial class LimiterContract
{
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);

    [Theory]
    [InlineData(RateLimitAlgorithm.SlidingWindow, 60)]
    [InlineData(RateLimitAlgorithm.TokenBucket, 60)]
    [InlineData(RateLimitAlgorithm.LeakyBucket, 60)]
    [InlineData(RateLimitAlgorithm.Gcra, 60)]
    [InlineData(RateLimitAlgorithm.FixedWindow, 60)]
    [InlineData(RateLimitAlgorithm.SlidingWindowCounter, 120)]
    public async Task Who_waits_gets_the_next_slot_first_come_first_served(RateLimitAlgorithm algorithm, int seconds)
    {
        await using var run = await StartAsync(algorithm, permits: 1, policy => policy.MaxWait = TimeSpan.FromHours(1));
        Assert.True((await QueueAsync(run).Within()).IsGranted);
        Task<RateLimitDecision>[] waiting = [QueueAsync(run), QueueAsync(run), QueueAsync(run)];
        await run.UntilSleepingAsync(3);
        for (var next = 0; next < waiting.Length; next++)
        {
            Assert.False((await AcquireAsync(run)).IsGranted);
            await run.AdvanceAsync(TimeSpan.FromSeconds(seconds) - Millisecond);
            Assert.All(waiting[next..], waiter => Assert.False(waiter.IsCompleted));
            await run.AdvanceAsync(Millisecond);
            var decision = await waiting[next].Within();
            Assert.True(decision.IsGranted);
            Assert.Equal((TimeSpan.Zero, 0), (decision.RetryAfter, decision.Tiers[0].Remaining));
        }
    }

    [Fact]
    public async Task A_slot_is_one_of_all_tiers()
    {
        await using var run = await StartAsync(policy => policy.SlidingWindow(2, Minute, "a").TokenBucket(1, Minute / 6, name: "b"));
        await AcquireAsync(run);
        var second = QueueAsync(run);
        var third = QueueAsync(run);
        await run.UntilSleepingAsync(2);
        await run.AdvanceAsync(Minute / 6);
        Assert.True((await second.Within()).IsGranted);
        await run.AdvanceAsync(5 * Minute / 6 - Millisecond);
        Assert.False(third.IsCompleted);
        await run.AdvanceAsync(Millisecond);
        Assert.True((await third.Within()).IsGranted);
        Assert.Equal([0, 0], (await PeekAsync(run)).Tiers.Select(tier => tier.Remaining));
    }

    [Fact]
    public async Task Who_comes_on_top_of_the_queue_is_refused_at_once()
    {
        await using var run = await StartAsync(RateLimitAlgorithm.SlidingWindow, permits: 1, policy => policy.QueueLimit = 1);
        await AcquireAsync(run);
        var first = QueueAsync(run);
        await run.UntilSleepingAsync(1);
        var refused = await QueueAsync(run).Within();
        Assert.Equal((false, 2 * Minute), (refused.IsGranted, refused.RetryAfter));
        await run.AdvanceAsync(Minute);
        Assert.True((await first.Within()).IsGranted);
        var second = QueueAsync(run);
        await run.UntilSleepingAsync(1);
        await run.AdvanceAsync(Minute);
        Assert.True((await second.Within()).IsGranted);
    }

    [Fact]
    public async Task Where_nobody_may_wait_a_call_is_granted_now_or_refused()
    {
        await using var run = await StartAsync(RateLimitAlgorithm.SlidingWindow, permits: 1, policy => policy.QueueLimit = 0);
        Assert.True((await QueueAsync(run).Within()).IsGranted);
        Assert.Equal(Minute, (await QueueAsync(run).Within()).RetryAfter);
    }

    [Fact]
    public async Task A_slot_further_away_than_the_longest_wait_is_refused_at_once()
    {
        var tooShort = Minute - Microsecond;
        await using var run = await StartAsync(RateLimitAlgorithm.SlidingWindow, permits: 1, policy => policy.MaxWait = tooShort);
        await AcquireAsync(run);
        Assert.Equal(Minute, (await QueueAsync(run).Within()).RetryAfter);
        await run.AdvanceAsync(Microsecond);
        var waiter = QueueAsync(run);
        await run.UntilSleepingAsync(1);
        await run.AdvanceAsync(Minute);
        Assert.True((await waiter.Within()).IsGranted);
    }

    [Theory]
    [MemberData(nameof(Rates))]
    public async Task Who_gives_up_waiting_leaves_the_slot_to_the_next(RateLimitAlgorithm algorithm)
    {
        await using var run = await StartAsync(algorithm, permits: 1, policy => policy.MaxWait = TimeSpan.FromHours(1));
        await AcquireAsync(run);
        var slot = (await PeekAsync(run)).RetryAfter;
        for (var attempt = 0; attempt < 3; attempt++)
        {
            using var patience = new CancellationTokenSource();
            var waiter = WaitAsync(run, 1, patience.Token);
            await run.UntilSleepingAsync(1);
            await patience.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiter.Within());
        }

        var next = QueueAsync(run);
        await run.UntilSleepingAsync(1);
        await run.AdvanceAsync(slot);
        Assert.True((await next.Within()).IsGranted);
    }

    [Theory]
    [MemberData(nameof(Rates))]
    public async Task However_many_give_up_their_slots_the_next_gets_the_first_of_them(RateLimitAlgorithm algorithm)
    {
        // The other tier isn't the one that makes them wait: it must forget the slots as well.
        await using var run = await StartAsync(policy =>
        {
            policy.Tiers.Add(TierOf(algorithm, 1, "slow"));
            policy.TokenBucket(5, Minute / 2, name: "fast");
            policy.MaxWait = 100 * Minute;
        });
        await AcquireAsync(run);
        var before = await PeekAsync(run);
        for (var round = 0; round < 3; round++)
        {
            using var patience = new CancellationTokenSource();
            var waiting = Enumerable.Range(0, 3).Select(_ => WaitAsync(run, 1, patience.Token)).ToList();
            await run.UntilSleepingAsync(3);
            await patience.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(waiting).Within());
        }

        var after = await PeekAsync(run);
        Assert.Equal(before.RetryAfter, after.RetryAfter);
        Assert.Equal(before.Tiers.ToList(), after.Tiers.ToList());
    }

    [Fact]
    public async Task Who_gives_up_a_large_slot_lets_a_small_call_pass_at_once()
    {
        await using var run = await StartAsync(policy =>
        {
            policy.SlidingWindow(5, Minute).FixedWindow(5, Minute, "fixed");
            policy.MaxWait = 100 * Minute;
        });
        await AcquireAsync(run, 3);
        using var patience = new CancellationTokenSource();
        var large = WaitAsync(run, 4, patience.Token);
        await run.UntilSleepingAsync(1);
        Assert.False((await AcquireAsync(run)).IsGranted);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => large.Within());
        Assert.True((await AcquireAsync(run, 2)).IsGranted);
    }
}
