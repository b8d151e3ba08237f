using Microsoft.Extensions.Options;
using Sluice.Testing;

namespace Sluice.RateLimiting.Tests.Limiter.Local;

public sealed class LocalRateLimiterTests
{
    private const string Policy = "p";

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider time = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void All_faults_of_the_options_are_named_at_once()
    {
        var options = new RateLimitOptions()
            .AddPolicy("a", policy => policy.SlidingWindow(0, Minute)).AddPolicy("b", policy => policy.Cost = 0);
        var error = Assert.Throws<OptionsValidationException>(() => new LocalRateLimiter(options));
        Assert.Contains(error.Failures, fault => fault.StartsWith("RateLimiting:Policies:a:Tiers:0:Permits", StringComparison.Ordinal));
        Assert.Contains(error.Failures, fault => fault.StartsWith("RateLimiting:Policies:b:Cost", StringComparison.Ordinal));
        Assert.Throws<ArgumentNullException>(() => new LocalRateLimiter(null!));
    }

    [Fact]
    public async Task Runs_on_the_systems_clock_where_no_other_is_given()
    {
        var options = new RateLimitOptions().AddPolicy(Policy, policy => policy.TokenBucket(1, TimeSpan.FromMilliseconds(20)));
        var limiter = new LocalRateLimiter(options);
        for (var call = 0; call < 3; call++)
            Assert.True((await limiter.WaitAsync(Policy, "a", 1, Stop).AsTask().Within()).IsGranted);
    }

    [Fact]
    public async Task Threads_that_hammer_one_partition_get_the_limit_to_the_unit()
    {
        var limiter = Limiter(policy => policy.SlidingWindow(1000, Minute).Gcra(5000, Minute).Concurrency(2000, Minute));
        var policy = limiter.GetPolicy(Policy);
        using var start = new Barrier(4);
        var granted = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait(Stop);
                return Enumerable.Range(0, 1000).Count(_ => limiter.Decide(policy, "a", 1, isStoreUnavailable: false).IsGranted);
            },
            Stop, TaskCreationOptions.LongRunning, TaskScheduler.Default))).Within();
        Assert.Equal(1000, granted.Sum());
    }

    [Fact]
    public async Task Decides_in_the_name_of_a_store_that_is_away()
    {
        var limiter = Limiter(policy => policy.SlidingWindow(1, Minute));
        var granted = limiter.Decide(limiter.GetPolicy(Policy), "a", 1, isStoreUnavailable: true);
        Assert.Equal((true, true, 0L), (granted.IsGranted, granted.IsStoreUnavailable, granted.Tiers[0].Remaining));
        var refused = limiter.Decide(limiter.GetPolicy(Policy), "a", 1, isStoreUnavailable: true);
        Assert.Equal((false, true, Minute), (refused.IsGranted, refused.IsStoreUnavailable, refused.RetryAfter));
        await granted.RefundAsync();
        Assert.True(limiter.Decide(limiter.GetPolicy(Policy), "a", 1, isStoreUnavailable: true).IsGranted);
    }

    [Fact]
    public async Task A_policy_that_is_read_anew_goes_on_where_its_tiers_are_the_same()
    {
        var limiter = Limiter(policy => policy.SlidingWindow(5, Minute));
        RateLimitPolicy Read(int permits, int cost)
        {
            var options = new PolicyOptions { Cost = cost };
            return new RateLimitPolicy(Policy, options.SlidingWindow(permits, Minute));
        }

        Assert.Equal(4, (await limiter.AcquireAsync(Read(5, 1), "a", 1, Stop)).Tiers[0].Remaining);
        var same = Read(5, 2);
        var decision = await limiter.AcquireAsync(same, "a", 1, Stop);
        Assert.Equal(2, decision.Tiers[0].Remaining);
        Assert.Same(same, decision.Policy);
        await decision.RefundAsync();
        Assert.Equal(4, (await limiter.PeekAsync(Read(5, 1), "a", 1, Stop)).Tiers[0].Remaining);
        Assert.Equal(6, (await limiter.PeekAsync(Read(6, 1), "a", 1, Stop)).Tiers[0].Remaining);
    }

    [Fact]
    public async Task Counts_without_overflow_whatever_the_options_allow()
    {
        foreach (var algorithm in Enum.GetValues<RateLimitAlgorithm>())
        {
            var most = new TierOptions { Algorithm = algorithm, Permits = 1_000_000, Window = TimeSpan.FromDays(366) };
            var slowest = new TierOptions { Algorithm = algorithm, Permits = 1, Window = TimeSpan.FromDays(366), Name = "slowest" };
            if (RateLimitTier.CanBurst(algorithm))
                slowest.Burst = 100;
            foreach (var tier in (TierOptions[])[most, slowest])
            {
                var limiter = Limiter(policy => policy.Tiers.Add(tier));
                Assert.True((await limiter.AcquireAsync(Policy, "a", tier.Capacity, Stop)).IsGranted);
                var refused = await limiter.AcquireAsync(Policy, "a", tier.Capacity, Stop);
                Assert.False(refused.IsGranted);
                Assert.InRange(refused.RetryAfter, TimeSpan.FromDays(1), TimeSpan.MaxValue);
            }
        }
    }

    private LocalRateLimiter Limiter(Action<PolicyOptions> define) => new(new RateLimitOptions().AddPolicy(Policy, define), time);
}
