using Sluice.RateLimiting.Redis;
using Sluice.RateLimiting.Tests.Support;
using Sluice.Testing;
using StackExchange.Redis;

namespace Sluice.RateLimiting.Tests.Limiter;

/// <summary>A process with one policy, <c>p</c>: a connection of its own, a limiter of its own.</summary>
internal sealed class LimiterProcess : IAsyncDisposable
{
    public const string Policy = "p";

    private readonly RateLimitStore store;

    private LimiterProcess(ConnectionMultiplexer redis, RateLimitOptions options, TimeProvider time)
    {
        Redis = redis;
        var policies = new RateLimitPolicies(options);
        var metrics = new LimiterMetrics(Meters.Factory);
        store = new RateLimitStore(redis, new ScriptLibrary(), policies, time, metrics, Log);
        Limiter = new RedisRateLimiter(policies, store, metrics, time);
    }

    public RecordingLog<RateLimitStore> Log { get; } = new();

    public ConnectionMultiplexer Redis { get; }

    public RedisRateLimiter Limiter { get; }

    public static Task<LimiterProcess> StartAsync(
        RedisServer server, IEnumerable<(int Permits, TimeSpan Window)> tiers, int cost = 1, StoreFailure onStoreFailure = StoreFailure.Allow,
        TimeSpan? storeTimeout = null, TimeProvider? time = null) => StartAsync(
        server,
        policy =>
        {
            policy.Cost = cost;
            policy.OnStoreFailure = onStoreFailure;
            foreach (var (permits, window) in tiers)
                policy.SlidingWindow(permits, window);
        },
        storeTimeout,
        time);

    public static Task<LimiterProcess> StartAsync(
        RedisServer server, Action<PolicyOptions> define, TimeSpan? storeTimeout = null, TimeProvider? time = null, int instances = 1) =>
        StartAsync(server.ConnectionString, define, storeTimeout, time, instances);

    public static async Task<LimiterProcess> StartAsync(
        string redis, Action<PolicyOptions> define, TimeSpan? storeTimeout = null, TimeProvider? time = null, int instances = 1)
    {
        // Generous: how fast this machine is isn't the question.
        var options = new RateLimitOptions { StoreTimeout = storeTimeout ?? TimeSpan.FromSeconds(30), Instances = instances };
        return new LimiterProcess(await RedisConnection.ConnectAsync(redis), options.AddPolicy(Policy, define), time ?? TimeProvider.System);
    }

    /// <summary>Somebody whom no other test counts.</summary>
    public static string NewPartition() => Guid.NewGuid().ToString("N");

    public Task<RateLimitDecision> AcquireAsync(string partition, int permits = 1) =>
        Limiter.AcquireAsync(Policy, partition, permits, CancellationToken.None).AsTask().Within();

    public async ValueTask DisposeAsync()
    {
        Limiter.Dispose();
        store.Dispose();
        await Redis.CloseAsync();
        Redis.Dispose();
    }
}
