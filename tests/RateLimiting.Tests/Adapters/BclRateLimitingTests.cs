using System.Threading.RateLimiting;
using Sluice.RateLimiting.Tests.Limiter;
using Sluice.Testing;

namespace Sluice.RateLimiting.Tests.Adapters;

public sealed class BclRateLimitingTests(RedisFixture redis)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_lease_carries_the_standard_metadata()
    {
        await using var process = await LimiterProcess.StartAsync(redis.Server, policy => policy.TokenBucket(2, TimeSpan.FromHours(1)));
        await using var limiter = process.Limiter.AsRateLimiter(LimiterProcess.Policy, LimiterProcess.NewPartition());
        using var granted = await limiter.AcquireAsync(2, Stop);
        Assert.True(granted.IsAcquired);
        Assert.False(granted.TryGetMetadata(MetadataName.RetryAfter, out _));
        Assert.True(granted.TryGetMetadata(RateLimitMetadata.Limit, out var limit));
        Assert.Equal(2, limit);

        using var refused = await limiter.AcquireAsync(1, Stop);
        Assert.False(refused.IsAcquired);
        Assert.True(refused.TryGetMetadata(MetadataName.RetryAfter, out var retryAfter));
        Assert.InRange(retryAfter, TimeSpan.FromMinutes(29), TimeSpan.FromMinutes(30));
        Assert.True(refused.TryGetMetadata(MetadataName.ReasonPhrase, out var reason));
        Assert.Contains("'2-per-3600s'", reason, StringComparison.Ordinal);
        Assert.Contains(MetadataName.RetryAfter.Name, refused.MetadataNames);
        Assert.Equal((1L, 1L, 0L), Counts(limiter.GetStatistics()!));
    }

    [Fact]
    public async Task No_permits_ask_whether_there_are_any_and_charge_nothing()
    {
        await using var process = await LimiterProcess.StartAsync(redis.Server, policy => policy.FixedWindow(1, TimeSpan.FromDays(1)));
        await using var limiter = process.Limiter.AsRateLimiter(LimiterProcess.Policy, LimiterProcess.NewPartition());
        Assert.True((await limiter.AcquireAsync(0, Stop)).IsAcquired);
        Assert.True((await limiter.AcquireAsync(1, Stop)).IsAcquired);
        Assert.False((await limiter.AcquireAsync(0, Stop)).IsAcquired);
    }

    [Fact]
    public async Task Redis_is_not_asked_where_nobody_could_wait_for_the_answer()
    {
        var partition = LimiterProcess.NewPartition();
        await using var process = await LimiterProcess.StartAsync(redis.Server, policy => policy.FixedWindow(1, TimeSpan.FromDays(1)));
        await using var limiter = process.Limiter.AsRateLimiter(LimiterProcess.Policy, partition);
        Assert.False(limiter.AttemptAcquire().IsAcquired);
        Assert.Equal(1, (await process.Limiter.PeekAsync(LimiterProcess.Policy, partition, 1, Stop)).Tiers[0].Remaining);
    }

    [Fact]
    public async Task A_local_limiter_decides_at_once()
    {
        await using var limiter = new LocalRateLimiter(new RateLimitOptions().AddPolicy("p", policy => policy.FixedWindow(1, TimeSpan.FromDays(1))))
            .AsRateLimiter("p", "somebody");
        Assert.Equal([true, false], [limiter.AttemptAcquire().IsAcquired, limiter.AttemptAcquire().IsAcquired]);
    }

    [Fact]
    public async Task A_concurrency_lease_goes_back_when_it_is_disposed_of()
    {
        await using var process = await LimiterProcess.StartAsync(redis.Server, policy => policy.Concurrency(1, TimeSpan.FromMinutes(1)));
        await using var limiter = process.Limiter.AsRateLimiter(LimiterProcess.Policy, LimiterProcess.NewPartition(), waits: true);
        var first = await limiter.AcquireAsync(1, Stop);
        var second = limiter.AcquireAsync(1, Stop).AsTask();
        Assert.False(second.IsCompleted);
        first.Dispose();
        Assert.True((await second.Within()).IsAcquired);
    }

    [Fact]
    public async Task Partitions_are_told_by_the_resource()
    {
        await using var process = await LimiterProcess.StartAsync(redis.Server, policy => policy.FixedWindow(1, TimeSpan.FromDays(1)));
        var run = LimiterProcess.NewPartition();
        await using var limiter = process.Limiter.AsPartitionedRateLimiter<int>(LimiterProcess.Policy, number => $"{run} {number}");
        Assert.True((await limiter.AcquireAsync(1, 1, Stop)).IsAcquired);
        Assert.True((await limiter.AcquireAsync(2, 1, Stop)).IsAcquired);
        Assert.False((await limiter.AcquireAsync(1, 1, Stop)).IsAcquired);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await limiter.AcquireAsync(1, 2, Stop));
    }

    private static (long, long, long) Counts(RateLimiterStatistics statistics) =>
        (statistics.TotalSuccessfulLeases, statistics.TotalFailedLeases, statistics.CurrentAvailablePermits);
}
