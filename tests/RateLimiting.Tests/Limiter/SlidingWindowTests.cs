using Sluice.RateLimiting.Redis;
using Sluice.RateLimiting.Tests.Support;
using Sluice.Testing;

namespace Sluice.RateLimiting.Tests.Limiter;

public sealed class SlidingWindowTests(RedisFixture redis)
{
    private const long Second = 1_000_000;

    [Fact]
    public async Task Who_waits_as_long_as_told_is_granted_and_one_microsecond_earlier_is_not()
    {
        await RunAsync([(3, 20 * Second), (4, 50 * Second)], async (limiter, clock) =>
        {
            for (var call = 0; call < 12; call++)
            {
                var decision = await limiter.DecideAsync();
                if (!decision.IsGranted)
                {
                    var end = clock.Now + Microseconds(decision.RetryAfter);
                    await clock.SetAsync(end - 1);
                    Assert.Equal(TimeSpan.FromMicroseconds(1), (await limiter.DecideAsync()).RetryAfter);
                    await clock.SetAsync(end);
                    Assert.True((await limiter.DecideAsync()).IsGranted);
                }

                await clock.AdvanceAsync(TimeSpan.FromSeconds(call % 3) + TimeSpan.FromMicroseconds(7));
            }
        });
    }

    [Fact]
    public async Task A_refusal_by_the_second_tier_charges_nothing_to_the_first()
    {
        await RunAsync([(10, 60 * Second), (2, 60 * Second)], async (limiter, _) =>
        {
            await limiter.DecideAsync(2);
            for (var call = 0; call < 5; call++)
            {
                var refused = await limiter.DecideAsync();
                Assert.False(refused.IsGranted);
                Assert.Equal([8, 0], refused.Tiers.Select(tier => tier.Remaining));
                Assert.Equal(2, refused.BindingTier!.Value.Limit);
            }

            Assert.Equal([8, 0], (await limiter.DecideAsync([(1, Call.OnlyAsks)]))[0].Tiers.Select(tier => tier.Remaining));
        });
    }

    [Fact]
    public async Task A_thousand_calls_within_one_reading_of_the_clock_count_a_thousand()
    {
        await RunAsync([(1000, 60 * Second)], async (limiter, _) =>
        {
            for (var call = 0; call < 1000; call++)
                Assert.Equal(999 - call, (await limiter.DecideAsync()).Tiers[0].Remaining);
            Assert.False((await limiter.DecideAsync()).IsGranted);
        });
    }

    [Fact]
    public async Task A_clock_that_is_set_back_neither_admits_more_nor_leaves_a_key_for_ever()
    {
        await RunAsync([(5, 30 * Second)], async (limiter, clock) =>
        {
            await limiter.DecideAsync(3);
            await clock.AdvanceAsync(TimeSpan.FromSeconds(-100));
            var refused = await limiter.DecideAsync(2);
            Assert.Equal((false, TimeSpan.FromSeconds(100)), (refused.IsGranted, refused.RetryAfter));
            await limiter.AssertAllExpireAsync();
            await clock.AdvanceAsync(refused.RetryAfter);
            Assert.Equal([true, false], (await limiter.DecideAsync([2, 1])).Select(decision => decision.IsGranted));
        });
    }

    [Theory]
    [InlineData(20)]
    [InlineData(200)]
    public async Task The_log_keeps_hardly_more_entries_than_permits(int permits)
    {
        await RunAsync([(permits, 60 * Second)], async (limiter, clock) =>
        {
            for (var call = 0; call < 3 * permits; call++)
            {
                await limiter.DecideAsync();
                // Outdated ones leave with their chunk.
                Assert.InRange(await limiter.EntriesAsync(), 1, permits + 32);
                await clock.AdvanceAsync(TimeSpan.FromSeconds(60.5 / permits));
            }

            await limiter.AssertAllExpireAsync();
        });
    }

    [Fact]
    public async Task A_refused_call_does_not_stand_in_the_way_of_a_smaller_one_behind_it()
    {
        await RunAsync([(10, 30 * Second)], async (limiter, _) =>
            Assert.Equal([true, false, true, false], (await limiter.DecideAsync([6, 5, 4, 1])).Select(decision => decision.IsGranted)));
    }

    [Fact]
    public async Task The_binding_tier_of_a_grant_is_the_scarcest_and_of_a_refusal_the_one_that_lasts()
    {
        await RunAsync([(5, 60 * Second), (3, 10 * Second)], async (limiter, clock) =>
        {
            Assert.Equal(3, (await limiter.DecideAsync()).BindingTier!.Value.Limit);
            await limiter.DecideAsync(2);
            var refused = await limiter.DecideAsync(3);
            Assert.Equal((5, TimeSpan.FromSeconds(60)), (refused.BindingTier!.Value.Limit, refused.RetryAfter));
            await clock.AdvanceAsync(TimeSpan.FromSeconds(11));
            Assert.Equal(5, (await limiter.DecideAsync()).BindingTier!.Value.Limit);
        });
    }

    private async Task RunAsync(IReadOnlyList<(int Permits, long Window)> tiers, Func<ScriptedLimiter, RedisClock, Task> test)
    {
        using var connection = await RedisConnection.ConnectAsync(redis.Server);
        var clock = new RedisClock(connection);
        await clock.SetAsync(1_700_000_000_000_000);
        using var limiter = new ScriptedLimiter(
            connection, clock.Scripts, tiers.Select(tier => new TierOptions { Permits = tier.Permits, Window = TimeSpan.FromMicroseconds(tier.Window) }));
        await test(limiter, clock).Within();
    }

    private static long Microseconds(TimeSpan time) => time.Ticks / TimeSpan.TicksPerMicrosecond;
}
