using Sluice.RateLimiting.Tests.Support;
using Sluice.Testing;

namespace Sluice.RateLimiting.Tests.Limiter;

public sealed class RefusalTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_refused_key_is_refused_without_redis_and_is_told_what_is_left_of_the_wait()
    {
        await using var server = await RedisServer.StartAsync(Stop);
        FakeTimeProvider time = new();
        await using var process = await LimiterProcess.StartAsync(server, policy => policy.FixedWindow(1, TimeSpan.FromDays(1)), time: time);
        await process.AcquireAsync("somebody");
        var first = await process.AcquireAsync("somebody");
        var before = await process.Redis.ScriptCallsAsync();
        time.Advance(TimeSpan.FromMilliseconds(500));
        var second = await process.AcquireAsync("somebody");
        Assert.Equal(before, await process.Redis.ScriptCallsAsync());
        Assert.False(second.IsGranted);
        Assert.Equal(first.RetryAfter - TimeSpan.FromMilliseconds(500), second.RetryAfter);
        Assert.Equal(first.Tiers[0].ResetAfter - TimeSpan.FromMilliseconds(500), second.Tiers[0].ResetAfter);
    }

    [Fact]
    public async Task A_refused_key_has_nothing_left_also_where_others_were_granted_along_with_the_refusal()
    {
        await using var server = await RedisServer.StartAsync(Stop);
        await using var process = await LimiterProcess.StartAsync(server, policy => policy.FixedWindow(5, TimeSpan.FromDays(1)), time: new FakeTimeProvider());
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => process.AcquireAsync("somebody")));
        var before = await process.Redis.ScriptCallsAsync();
        var refused = await process.AcquireAsync("somebody");
        Assert.Equal(before, await process.Redis.ScriptCallsAsync());
        Assert.Equal((false, 0L, 5L), (refused.IsGranted, refused.Tiers[0].Remaining, refused.Tiers[0].Used));
        Assert.Equal(refused.RetryAfter, refused.Tiers[0].ResetAfter);
    }

    [Fact]
    public async Task A_reset_in_another_process_is_seen_within_a_second()
    {
        await using var server = await RedisServer.StartAsync(Stop);
        FakeTimeProvider time = new();
        await using var one = await LimiterProcess.StartAsync(server, policy => policy.FixedWindow(1, TimeSpan.FromDays(1)), time: time);
        await using var other = await LimiterProcess.StartAsync(server, policy => policy.FixedWindow(1, TimeSpan.FromDays(1)));
        await one.AcquireAsync("somebody");
        Assert.False((await one.AcquireAsync("somebody")).IsGranted);
        await other.Limiter.ResetAsync(LimiterProcess.Policy, "somebody", Stop);
        Assert.False((await one.AcquireAsync("somebody")).IsGranted);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True((await one.AcquireAsync("somebody")).IsGranted);
    }

    [Fact]
    public async Task A_refund_or_reset_of_its_own_is_seen_at_once()
    {
        await using var server = await RedisServer.StartAsync(Stop);
        await using var process = await LimiterProcess.StartAsync(server, policy => policy.FixedWindow(1, TimeSpan.FromDays(1)));
        var granted = await process.AcquireAsync("somebody");
        Assert.False((await process.AcquireAsync("somebody")).IsGranted);
        await granted.RefundAsync();
        Assert.True((await process.AcquireAsync("somebody")).IsGranted);
        Assert.False((await process.AcquireAsync("somebody")).IsGranted);
        await process.Limiter.ResetAsync(LimiterProcess.Policy, "somebody", Stop);
        Assert.True((await process.AcquireAsync("somebody")).IsGranted);
    }

    [Fact]
    public async Task A_refusal_of_many_units_stands_in_nobody_else_s_way()
    {
        await using var server = await RedisServer.StartAsync(Stop);
        await using var process = await LimiterProcess.StartAsync(server, policy => policy.FixedWindow(5, TimeSpan.FromDays(1)));
        await process.AcquireAsync("somebody", 3);
        Assert.False((await process.AcquireAsync("somebody", 3)).IsGranted);
        Assert.True((await process.AcquireAsync("somebody", 2)).IsGranted);
    }

    [Fact]
    public async Task Who_is_not_seen_any_more_takes_no_memory()
    {
        await using var server = await RedisServer.StartAsync(Stop);
        FakeTimeProvider time = new();
        await using var process = await LimiterProcess.StartAsync(server, policy => policy.FixedWindow(1, TimeSpan.FromDays(1)), time: time);
        await Task.WhenAll(Enumerable.Range(0, 1000).Select(number => process.AcquireAsync($"somebody {number}")));
        Assert.Equal(1000, process.Limiter.TrackedPartitions);
        await Deadline.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(process.Limiter.TrackedPartitions == 0);
        }, "nobody tracked", cancellationToken: Stop);
    }
}
