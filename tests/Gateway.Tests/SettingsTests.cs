using System.Text.Json.Nodes;
using Sluice.Testing;

namespace Sluice.Gateway.Tests;

/// <summary>A gateway whose settings files are edited while it runs.</summary>
public abstract class SettingsTests : IAsyncLifetime
{
    private protected const string Applied = "SettingsApplied";
    private protected const string Refused = "SettingsRefused";

    private RedisServer redis = null!;
    private Upstream upstream = null!;

    private protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    private protected SettingsFolder Files { get; } = new();

    private protected RecordedLog Log { get; } = new();

    public async ValueTask InitializeAsync()
    {
        redis = await RedisServer.StartAsync(Stop);
        upstream = await Upstream.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await upstream.DisposeAsync();
        await redis.DisposeAsync();
        Log.Dispose();
        Files.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected static JsonObject Bucket(int permits) => new()
    {
        ["Tiers"] = new JsonArray(new JsonObject { ["Algorithm"] = "TokenBucket", ["Permits"] = permits, ["Window"] = "00:00:01" }),
    };

    private protected static async Task<string> ReadAsync(GatewayUnderTest gateway, string path)
    {
        using var answer = await gateway.GetAsync(path, "operator");
        return await answer.Content.ReadAsStringAsync(Stop);
    }

    private protected Task<GatewayUnderTest> StartAsync(params (string, string)[] settings) => GatewayUnderTest.StartAsync(
        redis.ConnectionString,
        [("services:itemapi:http:0", upstream.Address), ("services:orchestrator:http:0", upstream.Address), .. settings],
        logs: Log,
        files: Files);
}
