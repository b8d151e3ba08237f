using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Sluice.RateLimiting.Redis;
using Sluice.RateLimiting.Tests.Support;
using Sluice.Testing;
using StackExchange.Redis;

namespace Sluice.RateLimiting.Tests.Limiter;

/// <summary>A process with one policy, <c>p</c>: a connection of its own, a limiter of its own.</summary>
internal sealed class LimiterProcess : IAsyncDisposable
{
    public const string Policy = "p";

    private LimiterProcess(ConnectionMultiplexer redis, RateLimitOptions options, TimeProvider time)
    {
        Redis = redis;
        Store = new RateLimitStore(
            redis, new ScriptLibrary(), options.StoreTimeout, time, new LimiterMetrics(Meters.Factory), NullLogger<RateLimitStore>.Instance);
        Limiter = new RedisRateLimiter(Options.Create(options), Store);
    }

    public ConnectionMultiplexer Redis { get; }

    public RateLimitStore Store { get; }

    public RedisRateLimiter Limiter { get; }

    public static async Task<LimiterProcess> StartAsync(
        RedisServer server, IEnumerable<(int Permits, TimeSpan Window)> tiers, int cost = 1, StoreFailure onStoreFailure = StoreFailure.Allow,
        TimeSpan? storeTimeout = null, TimeProvider? time = null)
    {
        var policy = new PolicyOptions { Cost = cost, OnStoreFailure = onStoreFailure };
        foreach (var (permits, window) in tiers)
            policy.Tiers.Add(new TierOptions { Permits = permits, Window = window });
        // Generous: how fast this machine is isn't the question.
        var options = new RateLimitOptions { StoreTimeout = storeTimeout ?? TimeSpan.FromSeconds(30) };
        options.Policies[Policy] = policy;
        return new LimiterProcess(await RedisConnection.ConnectAsync(server), options, time ?? TimeProvider.System);
    }

    /// <summary>Somebody whom no other test counts.</summary>
    public static string NewPartition() => Guid.NewGuid().ToString("N");

    public Task<RateLimitDecision> AcquireAsync(string partition, int permits = 1) =>
        Limiter.AcquireAsync(Policy, partition, permits, CancellationToken.None).AsTask().Within();

    public async ValueTask DisposeAsync()
    {
        await Redis.CloseAsync();
        Redis.Dispose();
    }
}
