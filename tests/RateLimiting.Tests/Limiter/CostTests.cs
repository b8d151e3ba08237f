using Sluice.Testing;

namespace Sluice.RateLimiting.Tests.Limiter;

public sealed class CostTests(RedisFixture redis)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public async Task Fewer_than_one_permit_is_an_error(int permits)
    {
        await using var process = await LimiterProcess.StartAsync(redis.Server, [(10, TimeSpan.FromMinutes(1))]);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await process.Limiter.AcquireAsync(LimiterProcess.Policy, "a", permits, Stop));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(int.MaxValue)]
    public async Task More_than_the_smallest_tier_ever_has_is_an_error_that_says_so(int permits)
    {
        await using var process = await LimiterProcess.StartAsync(redis.Server, [(100, TimeSpan.FromHours(1)), (10, TimeSpan.FromMinutes(1))], cost: 3);
        var error = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await process.Limiter.AcquireAsync(LimiterProcess.Policy, "a", permits, Stop));
        Assert.Contains("smallest tier never has more than 10", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, (await process.AcquireAsync(LimiterProcess.NewPartition(), 3)).Tiers[1].Remaining);
    }

    [Fact]
    public async Task Permits_are_charged_times_the_cost_of_the_policy()
    {
        var partition = LimiterProcess.NewPartition();
        await using var process = await LimiterProcess.StartAsync(redis.Server, [(10, TimeSpan.FromHours(1))], cost: 2);
        Assert.Equal(0, (await process.AcquireAsync(partition, 5)).Tiers[0].Remaining);
        Assert.False((await process.AcquireAsync(partition)).IsGranted);
    }

    [Fact]
    public async Task An_unknown_policy_is_an_error_that_names_the_known_ones()
    {
        await using var process = await LimiterProcess.StartAsync(redis.Server, [(10, TimeSpan.FromHours(1))]);
        var error = await Assert.ThrowsAsync<ArgumentException>(async () => await process.Limiter.AcquireAsync("q", "a", 1, Stop));
        Assert.Contains("'q'. There are: p.", error.Message, StringComparison.Ordinal);
        Assert.Null(process.Limiter.FindPolicy("q"));
        Assert.Same(process.Limiter.GetPolicy("p"), process.Limiter.GetPolicy("P"));
    }

    [Fact]
    public async Task Who_has_given_up_before_is_not_charged()
    {
        var partition = LimiterProcess.NewPartition();
        await using var process = await LimiterProcess.StartAsync(redis.Server, [(10, TimeSpan.FromHours(1))]);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await process.Limiter.AcquireAsync(LimiterProcess.Policy, partition, 1, new CancellationToken(canceled: true)));
        Assert.Equal(9, (await process.AcquireAsync(partition)).Tiers[0].Remaining);
    }
}
