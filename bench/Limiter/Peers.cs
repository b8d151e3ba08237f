using Microsoft.Extensions.DependencyInjection;
using Sluice.RateLimiting;
using StackExchange.Redis;

namespace Sluice.Bench.Limiter;

/// <summary>The limiter and what it is compared with, each on a connection of its own to the same Redis.</summary>
internal sealed class Peers : IAsyncDisposable
{
    private static readonly RedisKey[] BareKeys = ["bench"];

    private readonly ConnectionMultiplexer[] connections;
    private readonly ServiceProvider services;
    private readonly RedisRateLimiter limiter;
    private readonly IDatabase bare;
    private readonly byte[] nothing;
    private readonly OneCallEach oneCallEach;
    private readonly string[] names;

    /// <summary>One of each caller, who asks one question at a time.</summary>
    private readonly Random[] chances = [.. Enumerable.Range(0, LimiterBench.MostCallers).Select(caller => new Random(caller))];

    private Peers(ConnectionMultiplexer[] connections, Action<PolicyOptions> define, byte[] nothing, int keys)
    {
        (this.connections, this.nothing) = (connections, nothing);
        names = Names(keys);
        bare = connections[0].GetDatabase();
        services = Services(connections[1], define, TimeSpan.FromSeconds(10));
        limiter = services.GetRequiredService<RedisRateLimiter>();
        oneCallEach = new OneCallEach(limiter.GetPolicy("bench"), connections[2], Names(keys));
    }

    public static async Task<Peers> StartAsync(string redis, Action<PolicyOptions> define, int keys)
    {
        var connections = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => ConnectAsync(redis)));
        var nothing = await connections[0].GetServer(connections[0].GetEndPoints()[0]).ScriptLoadAsync("return 1");
        return new Peers(connections, define, nothing, keys);
    }

    /// <summary>A script that does nothing, called once per decision.</summary>
    public ValueTask<RedisResult> AskBare(int caller) => new(bare.ScriptEvaluateAsync(nothing, BareKeys, null));

    /// <summary>The limiter as it is used.</summary>
    public ValueTask<RateLimitDecision> AskLimiter(int caller) => limiter.AcquireAsync("bench", names[Key(caller)]);

    /// <summary>The limiter's own scripts with a call per decision.</summary>
    public ValueTask<bool> AskOneCallEach(int caller) => oneCallEach.AcquireAsync(Key(caller));

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        foreach (var connection in connections)
            await connection.DisposeAsync();
    }

    /// <summary>By chance: callers who took the same steps would meet once and then go together, and one key's calls cost less than many keys'.</summary>
    private int Key(int caller) => chances[caller].Next(names.Length);

    private static string[] Names(int keys)
    {
        var run = Guid.NewGuid().ToString("N");
        return [.. Enumerable.Range(0, keys).Select(key => $"{run}-{key}")];
    }

    /// <summary>As the README advises.</summary>
    public static Task<ConnectionMultiplexer> ConnectAsync(string redis)
    {
        var options = ConfigurationOptions.Parse(redis);
        options.AllowAdmin = true;
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.HeartbeatInterval = TimeSpan.FromMilliseconds(200);
        options.ReconnectRetryPolicy = new LinearRetry(100);
        return ConnectionMultiplexer.ConnectAsync(options);
    }

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
