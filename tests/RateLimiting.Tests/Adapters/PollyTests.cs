using Polly;
using Polly.RateLimiting;
using Sluice.RateLimiting.Tests.Limiter;
using Sluice.Testing;

namespace Sluice.RateLimiting.Tests.Adapters;

public sealed class PollyTests(RedisFixture redis)
{
    [Fact]
    public async Task Redis_decides_in_the_rate_limiter_strategy_of_polly()
    {
        await using var process = await LimiterProcess.StartAsync(redis.Server, policy => policy.FixedWindow(2, TimeSpan.FromDays(1)));
        await PassesTwoAndRejectsTheThirdAsync(process.Limiter, LimiterProcess.Policy);
    }

    [Fact]
    public async Task So_does_a_limiter_of_the_process()
    {
        var limiter = new LocalRateLimiter(new RateLimitOptions().AddPolicy("p", policy => policy.FixedWindow(2, TimeSpan.FromDays(1))));
        await PassesTwoAndRejectsTheThirdAsync(limiter, "p");
    }

    private static async Task PassesTwoAndRejectsTheThirdAsync(PolicyRateLimiter limiter, string policy)
    {
        var partition = LimiterProcess.NewPartition();
        await using var adapter = limiter.AsRateLimiter(policy, partition);
        var pipeline = new ResiliencePipelineBuilder().AddRateLimiter(adapter).Build();
        var calls = 0;
        for (var call = 0; call < 2; call++)
            await pipeline.ExecuteAsync(CallAsync, TestContext.Current.CancellationToken);

        var rejected = await Assert.ThrowsAsync<RateLimiterRejectedException>(
            () => pipeline.ExecuteAsync(CallAsync, TestContext.Current.CancellationToken).AsTask());

        Assert.Equal(2, calls);
        var refusal = await limiter.AcquireAsync(policy, partition, 1, TestContext.Current.CancellationToken);
        Assert.NotNull(rejected.RetryAfter);
        Assert.InRange(rejected.RetryAfter.Value - refusal.RetryAfter, TimeSpan.Zero, TimeSpan.FromSeconds(10));

        ValueTask CallAsync(CancellationToken cancellationToken)
        {
            calls++;
            return default;
        }
    }
}
