using Sluice.RateLimiting.Tests.Support;
using Sluice.Testing;

namespace Sluice.RateLimiting.Tests.Limiter;

public sealed class StoreFailureTests
{
    private static readonly (int, TimeSpan)[] One = [(1, TimeSpan.FromHours(1))];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(StoreFailure.Allow)]
    [InlineData(StoreFailure.Deny)]
    public async Task While_redis_is_away_the_policy_decides_and_when_it_is_back_the_limit_holds_again(StoreFailure rule)
    {
        await using var server = await RedisServer.StartAsync(Stop);
        await using var process = await LimiterProcess.StartAsync(server, One, onStoreFailure: rule);
        Assert.True((await process.AcquireAsync("somebody")).IsGranted);

        await server.KillAsync();
        var decision = await process.AcquireAsync("somebody");
        Assert.True(decision.IsStoreUnavailable);
        Assert.Equal(rule == StoreFailure.Allow, decision.IsGranted);
        Assert.Equal(rule == StoreFailure.Allow ? TimeSpan.Zero : TimeSpan.FromSeconds(1), decision.RetryAfter);
        Assert.Empty(decision.Tiers);
        Assert.Null(decision.BindingTier);

        await server.RestartAsync(Stop);
        await Deadline.UntilAsync(async () => !(await process.AcquireAsync("another")).IsStoreUnavailable, "Redis back", cancellationToken: Stop);
        Assert.True((await process.AcquireAsync("a third")).IsGranted);
        Assert.False((await process.AcquireAsync("a third")).IsGranted);
    }

    [Fact]
    public async Task A_frozen_redis_is_waited_for_no_longer_than_the_store_timeout_also_behind_others()
    {
        await using var server = await RedisServer.StartAsync(Stop);
        var timeout = TimeSpan.FromSeconds(1);
        FakeTimeProvider time = new();
        await using var process = await LimiterProcess.StartAsync(server, One, onStoreFailure: StoreFailure.Deny, storeTimeout: timeout, time: time);
        await process.AcquireAsync("warm");
        var before = await process.Redis.ScriptCallsAsync();
        using var frozen = await Frozen.StartAsync(server);
        var first = process.AcquireAsync("somebody");
        var second = process.AcquireAsync("somebody");
        time.Advance(timeout);
        Assert.True((await first).IsStoreUnavailable);
        Assert.True((await second).IsStoreUnavailable);
        frozen.Dispose();
        // The second stood behind the first and had waited as long: it wasn't sent to wait once more.
        Assert.Equal(before + 1, await process.Redis.ScriptCallsAsync());
        await Deadline.UntilAsync(async () => !(await process.AcquireAsync("another")).IsStoreUnavailable, "Redis back", cancellationToken: Stop);
    }

    [Fact]
    public async Task Scripts_that_redis_forgot_are_told_again()
    {
        await using var server = await RedisServer.StartAsync(Stop);
        await using var process = await LimiterProcess.StartAsync(server, [(10, TimeSpan.FromHours(1))]);
        for (var call = 0; call < 3; call++)
        {
            Assert.Equal(9 - call, (await process.AcquireAsync("somebody")).Tiers[0].Remaining);
            await process.Redis.Server().ScriptFlushAsync();
        }
    }
}
