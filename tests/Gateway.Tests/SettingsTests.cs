using System.Text.Json.Nodes;
using Sluice.Testing;

namespace Sluice.Gateway.Tests;

/// <summary>A gateway whose settings files are edited while it runs.</summary>
public abstract class SettingsTests : GatewayTests
{
    private protected const string Applied = "SettingsApplied";
    private protected const string Refused = "SettingsRefused";

    private protected SettingsFolder Files { get; } = new();

    private protected RecordedLog Log { get; } = new();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
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

    private protected override Task<GatewayUnderTest> StartAsync(params IEnumerable<(string, string)> settings) => StartGatewayAsync(settings, logs: Log, files: Files);
}
