using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Sluice.RateLimiting;
using StackExchange.Redis;

namespace Sluice.Gateway.Limits;

/// <summary>
/// Lets a limiter that nobody else uses meet a Redis that isn't there. What runs in an outage is compiled then: the first request that meets a real one
/// would else wait for it.
/// </summary>
internal static class OutageRehearsal
{
    private const string Nobody = "nobody";

    public static async Task RunAsync()
    {
        // A port that is taken and where nobody listens.
        using var nowhere = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        nowhere.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await using var connection = await ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions
        {
            EndPoints = { nowhere.LocalEndPoint! },
            AbortOnConnectFail = false,
            BacklogPolicy = BacklogPolicy.FailFast,
            ConnectRetry = 0,
            ConnectTimeout = 200,
        });
        await using var services = new ServiceCollection()
            .AddLogging()
            .AddSingleton<IMeterFactory, Unheard>()
            .AddSingleton<IConnectionMultiplexer>(connection)
            .AddRateLimiting(Define)
            .BuildServiceProvider();
        var limiter = services.GetRequiredService<RedisRateLimiter>();
        foreach (var rule in Enum.GetNames<StoreFailure>())
            await limiter.AcquireAsync(rule, Nobody);
    }

    private static void Define(RateLimitOptions options)
    {
        foreach (var rule in Enum.GetValues<StoreFailure>())
        {
            options.AddPolicy(rule.ToString(), policy =>
            {
                policy.OnStoreFailure = rule;
                policy.SlidingWindow(1, TimeSpan.FromMinutes(1));
            });
        }
    }

    /// <summary>Meters of a name that nobody listens to: it is no outage.</summary>
    private sealed class Unheard : IMeterFactory
    {
        private readonly Meter meter = new(nameof(OutageRehearsal));

        public Meter Create(MeterOptions options) => meter;

        public void Dispose() => meter.Dispose();
    }
}
