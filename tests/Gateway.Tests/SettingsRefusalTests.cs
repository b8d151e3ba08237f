using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;

namespace Sluice.Gateway.Tests;

/// <summary>Faulty edits: nothing changes, and the log says why.</summary>
public sealed class SettingsRefusalTests : SettingsTests
{
    [Theory]
    [InlineData("RateLimiting:Policies:data:Tiers:0:Permits", "0", "RateLimiting:Policies:data:Tiers:0:Permits must be")]
    [InlineData("RateLimiting:Policies:data:Tiers:0:Permits", "many", "RateLimiting:Policies:data:Tiers:0:Permits")]
    [InlineData("RateLimiting:Policies:data:Tiers:0:Window", "-00:00:01", "RateLimiting:Policies:data:Tiers:0:Window must be")]
    [InlineData("RateLimiting:Policies:data:Partition", "Moon", "RateLimiting:Policies:data:Partition must be")]
    [InlineData("RateLimiting:Policies:data:Overrides:test-client:Tiers", "", "RateLimiting:Policies:data:Overrides:test-client")]
    [InlineData("RateLimiting:Policies:data:Shdaow", "true", "RateLimiting:Policies:data:Shdaow")]
    [InlineData("RateLimiting:Policies:control", null, "RateLimiting:Policies:control:Tiers")]
    [InlineData("ReverseProxy:Routes:items:Metadata:RateLimitPolicy", "itmes", "ReverseProxy:Routes:items:Metadata:RateLimitPolicy must be one of")]
    [InlineData("ReverseProxy:Routes:items:Metadata:RateLimitPolcy", "items", "ReverseProxy:Routes:items:Metadata:RateLimitPolcy is no setting")]
    [InlineData("ReverseProxy:Routes:items:ClusterId", "moon", "ReverseProxy:Routes:items:ClusterId must be one of")]
    [InlineData("ReverseProxy:Routes:items:Match:Path", "{", "ReverseProxy:Routes:items: ")]
    [InlineData("ReverseProxy:Routes:items:Order", "first", "ReverseProxy cannot be read: ")]
    [InlineData("ReverseProxy:Clusters:itemapi:HealthCheck:Passive:Policy", "Hope", "ReverseProxy:Clusters:itemapi: ")]
    [InlineData("Clients:somebody:KeySha256", "abc", "Clients:somebody:KeySha256 must be")]
    [InlineData("Logging:LogLevel:Default", "Loud", "Logging:LogLevel:Default must be one of")]
    public async Task A_faulty_edit_is_refused_as_a_whole_and_its_fault_named_by_path(string path, string? value, string fault)
    {
        await using var gateway = await StartAsync();
        var before = await ReadAsync(gateway, "/limits");
        var sound = Files.Read();

        // Something sound beside the fault, which must not take effect either.
        Files.Edit(settings =>
        {
            settings["RateLimiting"]!["Policies"]!["search"] = Bucket(7);
            Set(settings, path.Split(':'), value);
        });
        await Log.UntilAsync(
            entry => entry is { Level: LogLevel.Error, Event: Refused } && entry.Text.Contains(fault, StringComparison.Ordinal), $"a refusal that says {fault}");

        Assert.Equal(before, await ReadAsync(gateway, "/limits"));
        using var served = await gateway.GetAsync("/api/items/1", "test-client");
        Assert.Equal(HttpStatusCode.OK, served.StatusCode);

        Files.Write(sound);
        Files.Edit(static settings => settings["RateLimiting"]!["Policies"]!["search"] = Bucket(8));
        await Log.UntilAsync(Applied);
        Assert.Contains("\"permits\":8,", await ReadAsync(gateway, "/limits"));
    }

    [Fact]
    public async Task All_faults_of_an_edit_are_named()
    {
        await using var gateway = await StartAsync();

        Files.Edit(static settings =>
        {
            settings["RateLimiting"]!["Policies"]!["data"] = Bucket(0);
            settings["ReverseProxy"]!["Routes"]!["items"]!["ClusterId"] = "moon";
            settings["Clients"] = new JsonObject { ["a b"] = new JsonObject() };
        });
        await Log.UntilAsync(Refused, 4);

        Assert.All(
            (string[])["RateLimiting:Policies:data:Tiers:0:Permits", "ReverseProxy:Routes:items:ClusterId", "Clients:a b ", "Clients:a b:KeySha256"],
            path => Assert.Single(Log.Entries, entry => entry.Event == Refused && entry.Text.Contains($"{path}", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("{ \"RateLimiting\": { \"Policies\": {", "appsettings.json cannot be read")]
    [InlineData("", "appsettings.json cannot be read")]
    [InlineData("{ \"a\": 1, \"A\": 2 }", "'A'")]
    [InlineData(null, "appsettings.json is gone")]
    public async Task A_file_that_breaks_off_or_goes_changes_nothing(string? text, string fault)
    {
        await using var gateway = await StartAsync(("RateLimiting:Policies:reads:Overrides:test-client:Unlimited", "true"));
        await using var load = new Load(gateway, "/imports");
        var (before, sound) = (await ReadAsync(gateway, "/limits"), Files.Read());

        if (text is null)
            Files.Delete();
        else
            Files.Write(text);
        await Log.UntilAsync(Refused);

        Assert.Contains(fault, Assert.Single(Log.Entries, entry => entry.Event == Refused).Text);
        Assert.Equal(before, await ReadAsync(gateway, "/limits"));
        Files.Write(sound);
        Files.Edit(static settings => settings["RateLimiting"]!["Policies"]!["search"] = Bucket(8));
        await Log.UntilAsync(Applied);
        Assert.Equal([HttpStatusCode.OK], (await load.StopAsync()).Keys);
    }

    /// <param name="value">Null removes the setting.</param>
    private static void Set(JsonNode node, string[] path, string? value)
    {
        foreach (var name in path[..^1])
            node = node is JsonArray array ? array[0]! : node[name] ??= new JsonObject();
        if (value is null)
            node.AsObject().Remove(path[^1]);
        else
            node[path[^1]] = value;
    }
}
