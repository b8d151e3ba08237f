using Sluice.Testing;

namespace Sluice.RateLimiting.Tests.Limiter.Local;

public sealed class LocalLeaseTests
{
    private const string Policy = "p";

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider time = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nobody_overtakes_who_waits_for_leases_even_where_one_is_free()
    {
        var limiter = Limiter(policy => policy.Concurrency(3, Minute));
        var first = await limiter.AcquireAsync(Policy, "a", 1, Stop);
        var second = await limiter.AcquireAsync(Policy, "a", 1, Stop);
        var large = limiter.WaitAsync(Policy, "a", 3, Stop).AsTask();
        await AssertRefusedAsync();
        await first.DisposeAsync();
        await AssertRefusedAsync();
        var small = limiter.WaitAsync(Policy, "a", 1, Stop).AsTask();
        Assert.False(small.IsCompleted);
        await second.DisposeAsync();
        await (await large.Within()).DisposeAsync();
        Assert.True((await small.Within()).IsGranted);
        Assert.True((await limiter.AcquireAsync(Policy, "a", 2, Stop)).IsGranted);

        async Task AssertRefusedAsync()
        {
            var refused = await limiter.AcquireAsync(Policy, "a", 1, Stop);
            Assert.Equal((false, 0L, Minute), (refused.IsGranted, refused.Tiers[0].Remaining, refused.RetryAfter));
        }
    }

    [Fact]
    public async Task Who_gives_up_lets_smaller_ones_behind_pass_at_once()
    {
        var limiter = Limiter(policy => policy.Concurrency(3, Minute));
        await limiter.AcquireAsync(Policy, "a", 2, Stop);
        using var patience = new CancellationTokenSource();
        var large = limiter.WaitAsync(Policy, "a", 2, patience.Token).AsTask();
        var small = limiter.WaitAsync(Policy, "a", 1, Stop).AsTask();
        await patience.CancelAsync();
        Assert.True((await small.Within()).IsGranted);
        Assert.True(large.IsCanceled);
    }

    [Fact]
    public async Task Whose_patience_ends_is_refused_and_lets_smaller_ones_behind_pass()
    {
        var limiter = Limiter(policy => policy.Concurrency(3, Minute));
        await limiter.AcquireAsync(Policy, "a", 2, Stop);
        var large = limiter.WaitAsync(Policy, "a", 2, Stop).AsTask();
        time.Advance(Minute / 2);
        var small = limiter.WaitAsync(Policy, "a", 1, Stop).AsTask();
        time.Advance(Minute / 2);
        var refused = await large.Within();
        Assert.Equal((false, Minute), (refused.IsGranted, refused.RetryAfter));
        Assert.True((await small.Within()).IsGranted);
    }

    [Fact]
    public async Task A_reset_ends_leases_and_serves_who_waits_for_them()
    {
        var limiter = Limiter(policy => policy.Concurrency(1, Minute));
        var ended = await limiter.AcquireAsync(Policy, "a", 1, Stop);
        var first = limiter.WaitAsync(Policy, "a", 1, Stop).AsTask();
        var second = limiter.WaitAsync(Policy, "a", 1, Stop).AsTask();
        await limiter.ResetAsync(Policy, "a", Stop);
        var held = await first.Within();
        await ended.DisposeAsync();
        Assert.False(second.IsCompleted);
        await held.DisposeAsync();
        Assert.True((await second.Within()).IsGranted);
    }

    [Fact]
    public async Task A_lease_lasts_until_it_is_returned()
    {
        var limiter = Limiter(policy => policy.Concurrency(1, Minute));
        var held = await limiter.AcquireAsync(Policy, "a", 1, Stop);
        time.Advance(10 * Minute);
        Assert.False((await limiter.AcquireAsync(Policy, "a", 1, Stop)).IsGranted);
        await held.DisposeAsync();
        Assert.True((await limiter.AcquireAsync(Policy, "a", 1, Stop)).IsGranted);
    }

    [Fact]
    public async Task Who_waited_for_a_lease_waits_on_for_the_rate_with_it_in_hand()
    {
        var limiter = Limiter(policy => policy.Concurrency(1, Minute).SlidingWindow(1, Minute / 2));
        var held = await limiter.AcquireAsync(Policy, "a", 1, Stop);
        using var patience = new CancellationTokenSource();
        var first = limiter.WaitAsync(Policy, "a", 1, patience.Token).AsTask();
        var second = limiter.WaitAsync(Policy, "a", 1, Stop).AsTask();
        time.Advance(Minute / 4);
        await held.DisposeAsync();
        Assert.False(first.IsCompleted);
        await patience.CancelAsync();
        Assert.True(first.IsCanceled);
        Assert.False(second.IsCompleted);
        time.Advance(Minute / 4);
        Assert.True((await second.Within()).IsGranted);
    }

    [Fact]
    public async Task A_rate_whose_slot_is_too_far_away_is_not_waited_for()
    {
        var limiter = Limiter(policy =>
        {
            policy.MaxWait = Minute;
            policy.Concurrency(1, Minute).SlidingWindow(1, 2 * Minute);
        });
        await limiter.AcquireAsync(Policy, "a", 1, Stop);
        var refused = await limiter.WaitAsync(Policy, "a", 1, Stop).AsTask().Within();
        Assert.Equal((false, 2 * Minute), (refused.IsGranted, refused.RetryAfter));
    }

    private LocalRateLimiter Limiter(Action<PolicyOptions> define) => new(new RateLimitOptions().AddPolicy(Policy, define), time);
}
