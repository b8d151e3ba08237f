using Sluice.Testing;

namespace Sluice.RateLimiting.Tests.Limiter.Local;

public sealed class LocalWaitingTests
{
    private const string Policy = "p";

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider time = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nobody_starts_before_his_slot_where_timers_are_coarser_than_it()
    {
        var limiter = Limiter(policy => policy.TokenBucket(1, TimeSpan.FromMicroseconds(1500)));
        await limiter.AcquireAsync(Policy, "a", 1, Stop);
        var waiter = limiter.WaitAsync(Policy, "a", 1, Stop).AsTask();
        time.Advance(TimeSpan.FromMilliseconds(1.999));
        Assert.False(waiter.IsCompleted);
        time.Advance(TimeSpan.FromMicroseconds(1));
        Assert.True((await waiter.Within()).IsGranted);
    }

    [Fact]
    public async Task Sleeps_on_where_a_timer_ends_too_early()
    {
        var limiter = Limiter(policy =>
        {
            policy.MaxWait = TimeSpan.FromDays(1);
            policy.SlidingWindow(1, TimeSpan.FromHours(3));
        });
        await limiter.AcquireAsync(Policy, "a", 1, Stop);
        var slot = (await limiter.PeekAsync(Policy, "a", 1, Stop)).RetryAfter;
        var waiter = limiter.WaitAsync(Policy, "a", 1, Stop).AsTask();
        time.Advance(slot - Second);
        Assert.False(waiter.IsCompleted);
        time.Advance(Second);
        Assert.True((await waiter.Within()).IsGranted);
    }

    [Fact]
    public async Task Callers_whose_slot_has_come_go_on_side_by_side()
    {
        var limiter = Limiter(policy => policy.SlidingWindow(2, Second));
        await limiter.AcquireAsync(Policy, "a", 2, Stop);
        using var meeting = new Barrier(2);
        async Task<bool> MeetAsync()
        {
            await limiter.WaitAsync(Policy, "a", 1, Stop);
            return meeting.SignalAndWait(Deadline.Default, Stop);
        }

        var both = Task.WhenAll(MeetAsync(), MeetAsync());
        time.Advance(Second);
        Assert.All(await both.Within(), Assert.True);
    }

    [Fact]
    public async Task A_reset_leaves_who_sleeps_his_slot_and_forgets_it()
    {
        var limiter = Limiter(policy => policy.SlidingWindow(1, 10 * Second));
        await limiter.AcquireAsync(Policy, "a", 1, Stop);
        using var patience = new CancellationTokenSource();
        var sleeper = limiter.WaitAsync(Policy, "a", 1, Stop).AsTask();
        var loser = limiter.WaitAsync(Policy, "a", 1, patience.Token).AsTask();
        await limiter.ResetAsync(Policy, "a", Stop);
        Assert.True((await limiter.AcquireAsync(Policy, "a", 1, Stop)).IsGranted);
        await patience.CancelAsync();
        Assert.False((await limiter.AcquireAsync(Policy, "a", 1, Stop)).IsGranted);
        Assert.True(loser.IsCanceled);
        Assert.False(sleeper.IsCompleted);
        time.Advance(10 * Second);
        Assert.True((await sleeper.Within()).IsGranted);
    }

    private LocalRateLimiter Limiter(Action<PolicyOptions> define) => new(new RateLimitOptions().AddPolicy(Policy, define), time);
}
