using Sluice.RateLimiting.Local;
using Sluice.Testing;

namespace Sluice.RateLimiting.Tests.Limiter.Local;

public sealed class MemoryTests
{
    private const string Policy = "p";

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider time = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Keys_go_when_nothing_is_taken_any_more_and_then_no_timer_runs()
    {
        var limiter = Limiter(policy => policy
            .SlidingWindow(5, Minute).TokenBucket(5, Minute, name: "b").FixedWindow(5, Minute, "c").SlidingWindowCounter(5, Minute, "d"));
        Assert.Equal(0, time.PendingTimers);
        for (var client = 0; client < 10; client++)
            await limiter.AcquireAsync(Policy, $"c{client}", 1, Stop);
        Assert.Equal((10, 1), (limiter.KeyCount, time.PendingTimers));
        time.Advance(Minute);
        Assert.Equal(10, limiter.KeyCount);
        await limiter.AcquireAsync(Policy, "late", 1, Stop);
        time.Advance(Minute + Minute / 2);
        Assert.Equal(1, limiter.KeyCount);
        time.Advance(Minute);
        Assert.Equal((0, 0), (limiter.KeyCount, time.PendingTimers));
        Assert.Equal(4, (await limiter.AcquireAsync(Policy, "c1", 1, Stop)).Tiers[0].Remaining);
        Assert.Equal((1, 1), (limiter.KeyCount, time.PendingTimers));
    }

    [Fact]
    public async Task A_key_stays_while_a_lease_is_held_or_somebody_waits()
    {
        var limiter = Limiter(policy =>
        {
            policy.MaxWait = TimeSpan.FromHours(1);
            policy.Concurrency(1, Minute);
        });
        var held = await limiter.AcquireAsync(Policy, "a", 1, Stop);
        var waiter = limiter.WaitAsync(Policy, "a", 1, Stop).AsTask();
        time.Advance(10 * Minute);
        Assert.Equal(1, limiter.KeyCount);
        await held.DisposeAsync();
        var last = await waiter.Within();
        time.Advance(10 * Minute);
        Assert.Equal(1, limiter.KeyCount);
        await last.DisposeAsync();
        time.Advance(Minute);
        Assert.Equal(0, limiter.KeyCount);
        await last.RefundAsync();
    }

    [Fact]
    public async Task Keys_that_come_in_crowds_are_swept_sooner()
    {
        var limiter = Limiter(policy => policy.SlidingWindow(1, TimeSpan.FromMilliseconds(1)));
        for (var client = 0; client < 5000; client++)
        {
            await limiter.AcquireAsync(Policy, $"c{client}", 1, Stop);
            time.Advance(TimeSpan.FromMilliseconds(0.1));
        }

        Assert.InRange(limiter.KeyCount, 1, 1100);
    }

    [Fact]
    public void Who_finds_a_key_while_it_is_reset_or_swept_has_to_look_it_up_again()
    {
        var policy = new RateLimitPolicy(Policy, new PolicyOptions().SlidingWindow(5, Minute));
        KeyState New() => new(new LocalClock(time), new Lock(), policy.Tiers);
        var (reset, swept) = (New(), New());
        var renewed = reset.Renew(new LocalKey(policy, "a", reset));
        Assert.True(swept.TryRetire(now: 0));
        Assert.Equal((true, false, true), (reset.IsRetired, renewed.State.IsRetired, swept.IsRetired));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_log_has_room_for_no_more_than_permits_and_one_in_powers_of_two(bool refunds)
    {
        var log = new SlidingWindowLog(new RateLimitTier("t", RateLimitAlgorithm.SlidingWindow, 7, Minute, 7));
        for (long now = 0; now < 100_000_000; now += 100_000)
        {
            if (log.Available(now) == 0)
                continue;
            log.Charge(1, now, now);
            if (refunds)
                log.Refund(1, now, now);
            Assert.InRange(log.Room, 0, 16);
        }
    }

    private LocalRateLimiter Limiter(Action<PolicyOptions> define) => new(new RateLimitOptions().AddPolicy(Policy, define), time);
}
