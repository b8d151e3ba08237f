namespace Sluice.RateLimiting.Tests.Limiter.Contract;

public abstract partial class LimiterContract
{
    [Theory]
    [MemberData(nameof(Rates))]
    public async Task A_peek_says_what_a_call_would_be_told_and_charges_nothing(RateLimitAlgorithm algorithm)
    {
        await using var run = await StartAsync(algorithm, permits: 5);
        await AcquireAsync(run, 3);
        for (var look = 0; look < 3; look++)
        {
            var seen = await PeekAsync(run, 2);
            Assert.True(seen.IsGranted);
            Assert.Equal((2, TimeSpan.Zero), (seen.Tiers[0].Remaining, seen.RetryAfter));
            await seen.RefundAsync();
            await seen.DisposeAsync();
        }

        var tooMany = await PeekAsync(run, 4);
        Assert.False(tooMany.IsGranted);
        Assert.Equal((await AcquireAsync(run, 4)).RetryAfter, tooMany.RetryAfter);
        await run.AdvanceAsync(tooMany.RetryAfter - Microsecond);
        Assert.False((await PeekAsync(run, 4)).IsGranted);
        await run.AdvanceAsync(Microsecond);
        Assert.True((await PeekAsync(run, 4)).IsGranted);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_reset_forgets_what_was_taken_for_this_partition_alone(RateLimitAlgorithm algorithm)
    {
        await using var run = await StartAsync(algorithm, permits: 5);
        await ExhaustAsync(run);
        await run.Limiter.AcquireAsync(Policy, client + "b", 2, Stop);
        await run.Limiter.ResetAsync(Policy, client, Stop);
        Assert.Equal(5, (await PeekAsync(run)).Tiers[0].Remaining);
        Assert.Equal(3, (await run.Limiter.PeekAsync(Policy, client + "b", 1, Stop)).Tiers[0].Remaining);
        Assert.Equal(5, (await ExhaustAsync(run)).Granted);
    }

    [Theory]
    [MemberData(nameof(Rates))]
    public async Task A_refund_gives_the_units_back_to_every_tier(RateLimitAlgorithm algorithm)
    {
        await using var run = await StartAsync(policy =>
        {
            policy.Tiers.Add(TierOf(algorithm, 5, "first"));
            policy.Tiers.Add(TierOf(algorithm, 7, "second"));
        });
        await AcquireAsync(run);
        var granted = await AcquireAsync(run, 4);
        await run.AdvanceAsync(Microsecond);
        var refused = await AcquireAsync(run);
        await refused.RefundAsync();
        Assert.False((await AcquireAsync(run)).IsGranted);
        await granted.RefundAsync();
        Assert.Equal([4, 6], (await PeekAsync(run)).Tiers.Select(tier => tier.Remaining));
        Assert.Equal(4, (await ExhaustAsync(run)).Granted);
    }

    [Theory]
    [MemberData(nameof(Rates))]
    public async Task What_has_left_its_window_is_not_worth_a_refund(RateLimitAlgorithm algorithm)
    {
        await using var run = await StartAsync(algorithm, permits: 5);
        var granted = await AcquireAsync(run, 5);
        await run.AdvanceAsync(3 * Minute);
        await granted.RefundAsync();
        Assert.Equal(5, (await PeekAsync(run)).Tiers[0].Remaining);
        Assert.Equal(5, (await ExhaustAsync(run)).Granted);
    }
}
