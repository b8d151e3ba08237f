using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sluice.Testing;

namespace Sluice.Gateway.Tests;

/// <summary>Tests of gateways that have a Redis of their own and one service behind them, in every service's place.</summary>
public abstract class GatewayTests : IAsyncLifetime
{
    private protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    private protected RedisServer Redis { get; private set; } = null!;

    private protected Upstream Upstream { get; private set; } = null!;

    /// <summary>What the service answers; null for a few bytes.</summary>
    private protected virtual RequestDelegate? Answer => null;

    public async ValueTask InitializeAsync()
    {
        Redis = await RedisServer.StartAsync(Stop);
        Upstream = await Upstream.StartAsync(Answer);
    }

    public virtual async ValueTask DisposeAsync()
    {
        await Upstream.DisposeAsync();
        await Redis.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected virtual Task<GatewayUnderTest> StartAsync(params IEnumerable<(string, string)> settings) => StartGatewayAsync(settings);

    private protected Task<GatewayUnderTest> StartGatewayAsync(
        IEnumerable<(string, string)> settings, string environment = "Development", ILoggerProvider? logs = null, SettingsFolder? files = null,
        TimeProvider? time = null) =>
        GatewayUnderTest.StartAsync(
            Redis.ConnectionString,
            [("services:itemapi:http:0", Upstream.Address), ("services:orchestrator:http:0", Upstream.Address), .. settings],
            environment, logs, files, time);
}
