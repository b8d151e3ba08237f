using Microsoft.Extensions.Logging.Abstractions;
using Sluice.RateLimiting.Redis;
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
        var decision = await process.AcquireAsync("another");
        Assert.True(decision.IsStoreUnavailable);
        Assert.Equal(rule == StoreFailure.Allow, decision.IsGranted);
        Assert.Equal(rule == StoreFailure.Allow ? TimeSpan.Zero : TimeSpan.FromSeconds(1), decision.RetryAfter);
        Assert.Empty(decision.Tiers);
        Assert.Null(decision.BindingTier);

        await server.RestartAsync(Stop);
        await Deadline.UntilAsync(async () => !(await process.AcquireAsync("a third")).IsStoreUnavailable, "Redis back", cancellationToken: Stop);
        Assert.True((await process.AcquireAsync("a fourth")).IsGranted);
        Assert.False((await process.AcquireAsync("a fourth")).IsGranted);
    }

    [Fact]
    public async Task A_local_limit_is_this_process_s_share_of_every_tier()
    {
        await using var server = await RedisServer.StartAsync(Stop);
        await using var process = await LimiterProcess.StartAsync(
            server, policy => Local(policy).TokenBucket(9, TimeSpan.FromHours(1), burst: 6).FixedWindow(100, TimeSpan.FromDays(1)), instances: 3);
        await process.AcquireAsync("warm");
        await server.KillAsync();
        await Deadline.UntilAsync(async () => (await process.AcquireAsync("probe")).IsStoreUnavailable, "Redis away", cancellationToken: Stop);
        var decisions = new List<RateLimitDecision>();
        for (var call = 0; call < 4; call++)
            decisions.Add(await process.AcquireAsync("somebody"));
        Assert.Equal([true, true, false, false], decisions.Select(decision => decision.IsGranted));
        Assert.All(decisions, decision => Assert.True(decision.IsStoreUnavailable));
        Assert.Equal([2, 33], decisions[0].Tiers.Select(tier => tier.Limit));
        Assert.InRange(decisions[3].RetryAfter, TimeSpan.FromMinutes(19), TimeSpan.FromMinutes(20));
    }

    [Fact]
    public async Task A_frozen_redis_is_waited_for_no_longer_than_the_store_timeout_also_behind_others()
    {
        await using var server = await RedisServer.StartAsync(Stop);
        var timeout = TimeSpan.FromSeconds(1);
        FakeTimeProvider time = new();
        await using var process = await LimiterProcess.StartAsync(server, One, onStoreFailure: StoreFailure.Deny, storeTimeout: timeout, time: time);
        await process.AcquireAsync("warm");
        await process.AcquireAsync("warm too");
        var before = await process.Redis.ScriptCallsAsync();
        using var frozen = await Frozen.StartAsync(server);
        var first = process.AcquireAsync("somebody");
        var second = process.AcquireAsync("somebody");
        // The question may go out a moment later, and its patience begins then. In small steps, and not beyond: a probe follows soon after.
        await Deadline.UntilAsync(() =>
        {
            if (process.Limiter.IsStoreAvailable)
                time.Advance(timeout / 20);
            return Task.FromResult(first.IsCompleted && second.IsCompleted);
        }, "answers without Redis", cancellationToken: Stop);
        Assert.True((await first).IsStoreUnavailable);
        Assert.True((await second).IsStoreUnavailable);
        await process.Log.WrittenAsync("StoreAway").Within();

        // Now it is known, and nobody waits any more.
        for (var call = 0; call < 100; call++)
            Assert.True((await process.AcquireAsync($"somebody {call}")).IsStoreUnavailable);
        Assert.False(process.Limiter.IsStoreAvailable);
        frozen.Dispose();
        // The second stood behind the first and had waited as long: it wasn't sent to wait once more, nor were those after it.
        Assert.Equal(before + 1, await process.Redis.ScriptCallsAsync());

        // Nobody asks, and yet it is noticed that Redis is back.
        await Deadline.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            return Task.FromResult(process.Limiter.IsStoreAvailable);
        }, "Redis back", cancellationToken: Stop);
        await process.Log.WrittenAsync("StoreBack").Within();
        Assert.Equal(1, process.Log.CountOf("StoreAway"));
        Assert.False((await process.AcquireAsync("another")).IsStoreUnavailable);
    }

    [Fact]
    public async Task An_answer_that_this_process_was_too_slow_to_read_counts()
    {
        await using var server = await RedisServer.StartAsync(Stop);
        var timeout = TimeSpan.FromSeconds(1);
        FakeTimeProvider time = new();
        await using var process = await LimiterProcess.StartAsync(server, One, onStoreFailure: StoreFailure.Deny, storeTimeout: timeout, time: time);
        var timers = time.PendingTimers;
        using var frozen = await Frozen.StartAsync(server);
        var decision = process.AcquireAsync("somebody");
        await Deadline.UntilAsync(() => Task.FromResult(time.PendingTimers > timers), "Redis is waited for", cancellationToken: Stop);

        time.Advance(timeout);
        frozen.Dispose();

        Assert.False((await decision).IsStoreUnavailable);
        Assert.True(process.Limiter.IsStoreAvailable);
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

    [Fact]
    public async Task A_defect_reaches_all_who_travel_together_and_nobody_hangs()
    {
        await using var server = await RedisServer.StartAsync(Stop);
        using var connection = await RedisConnection.ConnectAsync(server);
        var policies = new RateLimitPolicies(new RateLimitOptions { StoreTimeout = TimeSpan.FromSeconds(30) }
            .AddPolicy(LimiterProcess.Policy, policy => policy.SlidingWindow(1, TimeSpan.FromHours(1))));
        var metrics = new LimiterMetrics(Meters.Factory);
        using var store = new RateLimitStore(
            LostEndPoints.Of(connection), new ScriptLibrary(), policies, TimeProvider.System, metrics, NullLogger<RateLimitStore>.Instance);
        using var limiter = new RedisRateLimiter(policies, store, metrics, TimeProvider.System);

        // Redis answers nobody until all have come: the first of each lane travel alone, the others together.
        List<Task<RateLimitDecision>> callers;
        using (await Frozen.StartAsync(server))
            callers = [.. Enumerable.Range(0, 100).Select(caller => limiter.AcquireAsync(LimiterProcess.Policy, $"caller {caller}", 1, Stop).AsTask())];
        await Assert.ThrowsAsync<InvalidOperationException>(() => Task.WhenAll(callers).Within());
    }

    private static PolicyOptions Local(PolicyOptions policy)
    {
        policy.OnStoreFailure = StoreFailure.Local;
        return policy;
    }
}
