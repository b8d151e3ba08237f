using Microsoft.Extensions.DependencyInjection;
using Sluice.RateLimiting;
using StackExchange.Redis;

namespace Sluice.Bench.Limiter;

/// <summary>The limiter and what it is compared with, each on a connection of its own to the same Redis.</summary>
internal static class Peers
{
    /// <summary>A script that does nothing, called once per decision.</summary>
    public static async Task<Outcome> BareAsync(string redis, int callers)
    {
        using var connection = await ConnectAsync(redis);
        var database = connection.GetDatabase();
        var loaded = await connection.GetServer(connection.GetEndPoints()[0]).ScriptLoadAsync("return 1");
        RedisKey[] keys = ["bench"];
        return await Load.RunAsync(callers, (_, _) => new ValueTask<RedisResult>(database.ScriptEvaluateAsync(loaded, keys, null)));
    }

    /// <summary>The limiter as it is used.</summary>
    public static async Task<Outcome> LimiterAsync(string redis, Action<PolicyOptions> define, int callers, int keys)
    {
        using var connection = await ConnectAsync(redis);
        await using var services = Services(connection, define, TimeSpan.FromSeconds(10));
        var limiter = services.GetRequiredService<RedisRateLimiter>();
        var names = Names(keys);
        return await Load.RunAsync(callers, (caller, number) => limiter.AcquireAsync("bench", names[Key(caller, number, keys)]));
    }

    /// <summary>The limiter's own scripts with a call per decision.</summary>
    public static async Task<Outcome> NaiveAsync(string redis, Action<PolicyOptions> define, int callers, int keys)
    {
        using var connection = await ConnectAsync(redis);
        await using var services = Services(connection, define, TimeSpan.FromSeconds(10));
        var limiter = new OneCallEach(services.GetRequiredService<RedisRateLimiter>().GetPolicy("bench"), connection, Names(keys));
        return await Load.RunAsync(callers, (caller, number) => limiter.AcquireAsync(Key(caller, number, keys)));
    }

    /// <summary>Every caller goes through the keys in an order of its own.</summary>
    private static int Key(int caller, int number, int keys) => (int)((uint)(caller * 7919 + number * 31) % (uint)keys);

    private static string[] Names(int keys)
    {
        var run = Guid.NewGuid().ToString("N");
        return [.. Enumerable.Range(0, keys).Select(key => $"{run}-{key}")];
    }

    public static Task<ConnectionMultiplexer> ConnectAsync(string redis) => ConnectionMultiplexer.ConnectAsync(redis + ",allowAdmin=true");

    public static ServiceProvider Services(IConnectionMultiplexer connection, Action<PolicyOptions> define, TimeSpan? storeTimeout) =>
        new ServiceCollection()
            .AddLogging()
            .AddMetrics()
            .AddSingleton(connection)
            .AddRateLimiting(options =>
            {
                options.StoreTimeout = storeTimeout ?? options.StoreTimeout;
                options.AddPolicy("bench", define);
            })
            .BuildServiceProvider();
}
