using Microsoft.Extensions.DependencyInjection;
using Sluice.RateLimiting.Redis;
using Sluice.Testing;
using StackExchange.Redis;

[assembly: AssemblyFixture(typeof(RedisFixture))]

namespace Sluice.RateLimiting.Tests.Support;

/// <summary>A connection, as each process of the product has one.</summary>
internal static class RedisConnection
{
    public static Task<ConnectionMultiplexer> ConnectAsync(RedisServer server) => ConnectAsync(server.ConnectionString);

    public static async Task<ConnectionMultiplexer> ConnectAsync(string redis)
    {
        var options = ConfigurationOptions.Parse(redis);
        options.AbortOnConnectFail = false;
        options.AllowAdmin = true;
        // How long the product waits is its own affair, and how fast this machine is isn't the question.
        options.SyncTimeout = options.AsyncTimeout = options.ConnectTimeout = 60_000;
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.HeartbeatInterval = TimeSpan.FromMilliseconds(200);
        options.ReconnectRetryPolicy = new LinearRetry(100);
        return await ConnectionMultiplexer.ConnectAsync(options);
    }

    /// <summary>How often scripts were called since the server started.</summary>
    public static async Task<long> ScriptCallsAsync(this IConnectionMultiplexer redis)
    {
        var groups = await redis.GetServer(redis.GetEndPoints()[0]).InfoAsync("commandstats");
        return groups.SelectMany(group => group)
            .Where(line => line.Key is "cmdstat_evalsha" or "cmdstat_eval")
            .Sum(line => long.Parse(line.Value.Split(',')[0]["calls=".Length..], System.Globalization.CultureInfo.InvariantCulture));
    }

    public static IServer Server(this IConnectionMultiplexer redis) => redis.GetServer(redis.GetEndPoints()[0]);
}

/// <summary>A clock for scripts in a real Redis, which stands until it is set. Expiry of keys goes by Redis's own.</summary>
internal sealed class RedisClock
{
    // What goes by Redis's own clock must not end a second after a moment that this clock may stand at for longer.
    private const string SlotsTimeToLive = "math.ceil((ahead - now) / 1000) + 1000";

    private readonly IDatabase database;
    private readonly string key = $"test:clock:{Guid.NewGuid():N}";

    public RedisClock(IConnectionMultiplexer redis)
    {
        database = redis.GetDatabase();
        Scripts = new ScriptLibrary(text => text
            .Replace("redis.call('TIME')", $"redis.call('HMGET','{key}','s','us')", StringComparison.Ordinal)
            .Replace(SlotsTimeToLive, $"{SlotsTimeToLive} + 3600000", StringComparison.Ordinal));
    }

    /// <summary>The product's scripts, on this clock.</summary>
    public ScriptLibrary Scripts { get; }

    /// <summary>Microseconds.</summary>
    public long Now { get; private set; }

    public Task SetAsync(long microseconds)
    {
        Now = microseconds;
        return database.HashSetAsync(key, [new HashEntry("s", microseconds / 1_000_000), new HashEntry("us", microseconds % 1_000_000)]);
    }

    public Task AdvanceAsync(TimeSpan by) => SetAsync(Now + by.Ticks / TimeSpan.TicksPerMicrosecond);
}

internal static class Meters
{
    public static System.Diagnostics.Metrics.IMeterFactory Factory { get; } =
        new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>();
}
