using Sluice.RateLimiting.Tests.Support;
using Sluice.Testing;
using StackExchange.Redis;

namespace Sluice.RateLimiting.Tests.Limiter;

public sealed class ClusterTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Limits_hold_on_a_cluster_whichever_nodes_the_keys_are_on()
    {
        await using var cluster = await RedisCluster.StartAsync(Stop);
        await using var one = await LimiterProcess.StartAsync(cluster.ConnectionString, All);
        await using var other = await LimiterProcess.StartAsync(cluster.ConnectionString, All);
        Assert.All(one.Redis.GetEndPoints(), endpoint => Assert.Equal(ServerType.Cluster, one.Redis.GetServer(endpoint).ServerType));

        // A hundred keys at once, each asked by two processes for twice what it has.
        var granted = await Task.WhenAll(Enumerable.Range(0, 100).Select(async partition =>
        {
            var decisions = await Task.WhenAll(Enumerable.Range(0, 20).Select(call =>
                (call % 2 == 0 ? one : other).AcquireAsync($"somebody {partition}")));
            return decisions.Count(decision => decision.IsGranted);
        }));
        Assert.Equal(Enumerable.Repeat(10, 100), granted);
        var used = await Task.WhenAll(one.Redis.GetEndPoints().Select(endpoint => one.Redis.GetServer(endpoint).DatabaseSizeAsync()));
        Assert.All(used, keys => Assert.True(keys > 0));

        await one.Limiter.ResetAsync(LimiterProcess.Policy, "somebody 1", Stop);
        var decision = await one.AcquireAsync("somebody 1");
        Assert.Equal(9, decision.Tiers[0].Remaining);
        await decision.RefundAsync();
        Assert.Equal(10, (await one.Limiter.PeekAsync(LimiterProcess.Policy, "somebody 1", 1, Stop)).Tiers[0].Remaining);
    }

    private static void All(PolicyOptions policy) => policy
        .SlidingWindow(10, TimeSpan.FromHours(1)).FixedWindow(1000, TimeSpan.FromDays(300)).TokenBucket(1000, TimeSpan.FromHours(1))
        .Gcra(1000, TimeSpan.FromHours(1), name: "gcra").LeakyBucket(1000, TimeSpan.FromHours(1), name: "leaky")
        .SlidingWindowCounter(1000, TimeSpan.FromDays(1)).Concurrency(1000, TimeSpan.FromMinutes(1));
}
