namespace Sluice.RateLimiting.Tests.Limiter.Contract;

public abstract partial class LimiterContract
{
    [Theory]
    [MemberData(nameof(All))]
    public async Task Grants_as_many_at_once_as_the_tier_has_and_counts_them_down(RateLimitAlgorithm algorithm)
    {
        await using var run = await StartAsync(algorithm, permits: 5);
        for (var taken = 1; taken <= 5; taken++)
        {
            var tier = (await AcquireAsync(run)).Tiers[0];
            Assert.Equal((5, 5 - taken, taken), (tier.Limit, tier.Remaining, tier.Used));
        }

        var refused = await AcquireAsync(run);
        Assert.False(refused.IsGranted);
        Assert.Equal((0, 5), (refused.Tiers[0].Remaining, refused.BindingTier!.Value.Used));
        Assert.InRange(refused.RetryAfter, Microsecond, 2 * Minute);
    }

    [Theory]
    [InlineData(RateLimitAlgorithm.TokenBucket, 9)]
    [InlineData(RateLimitAlgorithm.TokenBucket, 2)]
    [InlineData(RateLimitAlgorithm.LeakyBucket, 9)]
    [InlineData(RateLimitAlgorithm.LeakyBucket, 2)]
    [InlineData(RateLimitAlgorithm.Gcra, 9)]
    [InlineData(RateLimitAlgorithm.Gcra, 1)]
    public async Task A_burst_can_be_larger_or_smaller_than_the_permits(RateLimitAlgorithm algorithm, int burst)
    {
        await using var run = await StartAsync(policy =>
            policy.Tiers.Add(new TierOptions { Algorithm = algorithm, Permits = 5, Window = Minute, Burst = burst }));
        var (granted, refusal) = await ExhaustAsync(run);
        Assert.Equal((burst, Minute / 5), (granted, refusal.RetryAfter));
    }

    [Theory]
    [InlineData(RateLimitAlgorithm.SlidingWindow, 60, 60)]
    [InlineData(RateLimitAlgorithm.TokenBucket, 12, 36)]
    [InlineData(RateLimitAlgorithm.LeakyBucket, 12, 36)]
    [InlineData(RateLimitAlgorithm.Gcra, 12, 36)]
    [InlineData(RateLimitAlgorithm.FixedWindow, 60, 60)]
    [InlineData(RateLimitAlgorithm.SlidingWindowCounter, 72, 96)]
    public async Task Says_when_one_unit_comes_back_and_when_three_do(RateLimitAlgorithm algorithm, int one, int three)
    {
        await using var run = await StartAsync(algorithm, permits: 5);
        var last = await AcquireAsync(run, 5);
        Assert.Equal(TimeSpan.FromSeconds(one), last.Tiers[0].ResetAfter);
        Assert.Equal(TimeSpan.FromSeconds(one), (await AcquireAsync(run)).RetryAfter);
        Assert.Equal(TimeSpan.FromSeconds(three), (await AcquireAsync(run, 3)).RetryAfter);
        await run.AdvanceAsync(TimeSpan.FromSeconds(one));
        Assert.InRange((await PeekAsync(run)).Tiers[0].Remaining, 1, 5);
        await run.AdvanceAsync(TimeSpan.FromSeconds(three - one));
        Assert.InRange((await PeekAsync(run)).Tiers[0].Remaining, 3, 5);
    }

    [Theory]
    [MemberData(nameof(Rates))]
    public async Task Who_waits_as_long_as_told_is_granted_and_one_microsecond_earlier_is_not(RateLimitAlgorithm algorithm)
    {
        // Seven into a minute leaves fractions of microseconds.
        await using var run = await StartAsync(algorithm, permits: 7);
        for (var call = 0; call < 24; call++)
        {
            var units = 1 + call % 4;
            if (await AcquireAsync(run, units) is { IsGranted: false } refused)
            {
                await run.AdvanceAsync(refused.RetryAfter - Microsecond);
                Assert.Equal(Microsecond, (await AcquireAsync(run, units)).RetryAfter);
                await run.AdvanceAsync(Microsecond);
                Assert.True((await AcquireAsync(run, units)).IsGranted);
            }

            await run.AdvanceAsync(TimeSpan.FromSeconds(call % 5) + TimeSpan.FromMicroseconds(13));
        }
    }

    [Theory]
    [MemberData(nameof(Rates))]
    public async Task Has_everything_again_after_a_rest(RateLimitAlgorithm algorithm)
    {
        await using var run = await StartAsync(algorithm, permits: 5);
        await ExhaustAsync(run);
        await run.AdvanceAsync(2 * Minute);
        var rested = (await PeekAsync(run)).Tiers[0];
        Assert.Equal((5, 0, TimeSpan.Zero), (rested.Remaining, rested.Used, rested.ResetAfter));
        Assert.Equal(5, (await ExhaustAsync(run)).Granted);
    }

    [Theory]
    [InlineData(RateLimitAlgorithm.SlidingWindow)]
    [InlineData(RateLimitAlgorithm.TokenBucket)]
    [InlineData(RateLimitAlgorithm.LeakyBucket)]
    [InlineData(RateLimitAlgorithm.Gcra)]
    [InlineData(RateLimitAlgorithm.FixedWindow)]
    public async Task Who_comes_at_exactly_the_rate_is_never_refused(RateLimitAlgorithm algorithm)
    {
        await using var run = await StartAsync(algorithm, permits: 7);
        await ExhaustAsync(run);
        await run.AdvanceAsync(Minute);
        await ExhaustAsync(run);
        long passed = 0;
        for (long call = 1; call <= 100; call++)
        {
            // The first whole microsecond at which another unit is due.
            var due = (call * Minute.Ticks / TimeSpan.TicksPerMicrosecond + 6) / 7;
            await run.AdvanceAsync(TimeSpan.FromMicroseconds(due - passed));
            passed = due;
            if (algorithm is RateLimitAlgorithm.SlidingWindow or RateLimitAlgorithm.FixedWindow && call < 7)
                continue;
            Assert.True((await AcquireAsync(run)).IsGranted, $"call {call}");
        }
    }

    [Theory]
    [MemberData(nameof(Rates))]
    public async Task A_clock_that_is_set_back_neither_admits_more_nor_breaks(RateLimitAlgorithm algorithm)
    {
        await using var run = await StartAsync(algorithm, permits: 5);
        await run.AdvanceAsync(Minute / 4);
        await AcquireAsync(run, 2);
        await run.AdvanceAsync(-Minute / 2);
        var (granted, refusal) = await ExhaustAsync(run);
        Assert.InRange(granted, 0, 3);
        Assert.InRange(refusal.RetryAfter, Microsecond, 4 * Minute);
        await run.AdvanceAsync(4 * Minute);
        Assert.Equal(5, (await ExhaustAsync(run)).Granted);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_thousand_calls_within_one_reading_of_the_clock_count_a_thousand(RateLimitAlgorithm algorithm)
    {
        await using var run = await StartAsync(algorithm, permits: 1000);
        var decisions = await Task.WhenAll(Enumerable.Range(0, 1010).Select(_ => AcquireAsync(run)));
        Assert.Equal(1000, decisions.Count(decision => decision.IsGranted));
        Assert.Equal(0, (await PeekAsync(run)).Tiers[0].Remaining);
    }
}
