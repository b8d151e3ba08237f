using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Sluice.Testing;

namespace Sluice.Gateway.Tests;

/// <summary>Edits of the settings files while the gateway runs and is asked.</summary>
public sealed class SettingsReloadTests : IAsyncLifetime
{
    private const string Applied = "SettingsApplied";
    private const string Refused = "SettingsRefused";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private readonly SettingsFolder files = new();
    private readonly RecordedLog log = new();
    private RedisServer redis = null!;
    private Upstream upstream = null!;

    public async ValueTask InitializeAsync()
    {
        redis = await RedisServer.StartAsync(Stop);
        upstream = await Upstream.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await upstream.DisposeAsync();
        await redis.DisposeAsync();
        log.Dispose();
        files.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_edit_takes_effect_and_no_request_is_lost(bool byReplacement)
    {
        files.Edit(static settings => settings["RateLimiting"]!["Policies"]!["items"] = Bucket(100_001));
        await using var gateway = await StartAsync();
        await using var load = new Load(gateway, "/api/items/1");

        for (var edit = 1; edit <= 5; edit++)
        {
            // The route's policy goes, and one of another name comes.
            Action<JsonNode> change = settings =>
            {
                var policies = settings["RateLimiting"]!["Policies"]!.AsObject();
                policies.Remove($"items{edit - 1}");
                policies.Remove("items");
                policies[$"items{edit}"] = Bucket(200_000 + edit);
                settings["ReverseProxy"]!["Routes"]!["items"]!["Metadata"]!["RateLimitPolicy"] = $"items{edit}";
            };
            if (byReplacement)
                files.Replace(change);
            else
                files.Edit(change);

            await log.UntilAsync(Applied, edit);
            await Deadline.UntilAsync(
                async () => await LimitAsync(gateway) == $"{200_000 + edit}", $"edit {edit} is in force", cancellationToken: Stop);
        }

        var statuses = await load.StopAsync();
        Assert.DoesNotContain(log.Entries, entry => entry.Level >= LogLevel.Warning);
        Assert.Equal([HttpStatusCode.OK], statuses.Keys);
        Assert.InRange(statuses[HttpStatusCode.OK], 100, int.MaxValue);
    }

    [Theory]
    [InlineData("RateLimiting:Policies:data:Tiers:0:Permits", "0", "RateLimiting:Policies:data:Tiers:0:Permits must be")]
    [InlineData("RateLimiting:Policies:data:Tiers:0:Permits", "many", "RateLimiting:Policies:data:Tiers:0:Permits")]
    [InlineData("RateLimiting:Policies:data:Tiers:0:Window", "-00:00:01", "RateLimiting:Policies:data:Tiers:0:Window must be")]
    [InlineData("RateLimiting:Policies:data:Partition", "Moon", "RateLimiting:Policies:data:Partition must be")]
    [InlineData("RateLimiting:Policies:data:Overrides:test-client:Tiers", "", "RateLimiting:Policies:data:Overrides:test-client")]
    [InlineData("RateLimiting:Policies:data:Shdaow", "true", "RateLimiting:Policies:data:Shdaow")]
    [InlineData("RateLimiting:Policies:control", null, "RateLimiting:Policies:control is missing")]
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
        var sound = files.Read();

        // Something sound beside the fault, which must not take effect either.
        files.Edit(settings =>
        {
            settings["RateLimiting"]!["Policies"]!["search"] = Bucket(7);
            Set(settings, path.Split(':'), value);
        });
        await log.UntilAsync(Refused);

        Assert.Contains(log.Entries, entry => entry is { Level: LogLevel.Error, Event: Refused } && entry.Text.Contains(fault, StringComparison.Ordinal));
        Assert.Equal(before, await ReadAsync(gateway, "/limits"));
        using var served = await gateway.GetAsync("/api/items/1", "test-client");
        Assert.Equal(HttpStatusCode.OK, served.StatusCode);

        files.Write(sound);
        files.Edit(static settings => settings["RateLimiting"]!["Policies"]!["search"] = Bucket(8));
        await log.UntilAsync(Applied);
        Assert.Contains("\"permits\":8,", await ReadAsync(gateway, "/limits"));
    }

    [Fact]
    public async Task All_faults_of_an_edit_are_named()
    {
        await using var gateway = await StartAsync();

        files.Edit(static settings =>
        {
            settings["RateLimiting"]!["Policies"]!["data"] = Bucket(0);
            settings["ReverseProxy"]!["Routes"]!["items"]!["ClusterId"] = "moon";
            settings["Clients"] = new JsonObject { ["a b"] = new JsonObject() };
        });
        await log.UntilAsync(Refused, 4);

        Assert.All(
            (string[])["RateLimiting:Policies:data:Tiers:0:Permits", "ReverseProxy:Routes:items:ClusterId", "Clients:a b ", "Clients:a b:KeySha256"],
            path => Assert.Single(log.Entries, entry => entry.Event == Refused && entry.Text.Contains($"{path}", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("{ \"RateLimiting\": { \"Policies\": {", "appsettings.json cannot be read")]
    [InlineData("", "appsettings.json cannot be read")]
    [InlineData("{ \"a\": 1, \"A\": 2 }", "'A'")]
    [InlineData(null, "appsettings.json is gone")]
    public async Task A_file_that_breaks_off_or_goes_changes_nothing(string? text, string fault)
    {
        await using var gateway = await StartAsync();
        await using var load = new Load(gateway, "/imports");
        var (before, sound) = (await ReadAsync(gateway, "/limits"), files.Read());

        if (text is null)
            files.Delete();
        else
            files.Write(text);
        await log.UntilAsync(Refused);

        Assert.Contains(fault, Assert.Single(log.Entries, entry => entry.Event == Refused).Text);
        Assert.Equal(before, await ReadAsync(gateway, "/limits"));
        files.Write(sound);
        files.Edit(static settings => settings["RateLimiting"]!["Policies"]!["search"] = Bucket(8));
        await log.UntilAsync(Applied);
        Assert.Equal([HttpStatusCode.OK], (await load.StopAsync()).Keys);
    }

    [Fact]
    public async Task Clients_come_and_go_with_an_edit()
    {
        await using var gateway = await StartAsync(("RateLimiting:Policies:data:Tiers:0:Permits", "1"));
        Assert.Equal((true, false), (await PassesAsync(gateway, "new key"), await PassesAsync(gateway, null)));

        files.Edit(
            static settings =>
            {
                settings["Clients"]!["newcomer"] = new JsonObject
                {
                    ["KeySha256"] = GatewayUnderTest.Sha256Of("new key"),
                    ["Roles"] = new JsonArray("operator"),
                };
                settings["Clients"]!.AsObject().Remove("operator");
            },
            SettingsFolder.Development);
        await log.UntilAsync(Applied);

        Assert.Equal((true, false), (await PassesAsync(gateway, "new key"), await PassesAsync(gateway, "new key")));
        using var told = await gateway.GetAsync("/limits/data/newcomer", "new key");
        using var unknown = await gateway.SendAsync(HttpMethod.Delete, "/limits/data/newcomer", "operator");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (told.StatusCode, unknown.StatusCode));
    }

    [Fact]
    public async Task A_limit_that_is_raised_serves_who_was_refused_before()
    {
        files.Edit(static settings => settings["RateLimiting"]!["Policies"]!["data"]!["Tiers"]![0]!["Permits"] = 1);
        await using var gateway = await StartAsync();
        Assert.Equal((true, false), (await PassesAsync(gateway, "test-client"), await PassesAsync(gateway, "test-client")));

        files.Edit(static settings => settings["RateLimiting"]!["Policies"]!["data"]!["Tiers"]![0]!["Permits"] = 3);
        await log.UntilAsync(Applied);

        Assert.Equal((true, true, false), (await PassesAsync(gateway, "test-client"), await PassesAsync(gateway, "test-client"), await PassesAsync(gateway, "test-client")));
    }

    [Fact]
    public async Task What_is_read_at_the_start_alone_is_said_to_need_one()
    {
        await using var gateway = await StartAsync();

        files.Edit(static settings => settings["Kestrel"]!["Limits"]!["MaxRequestBodySize"] = 7);
        await log.UntilAsync("SettingsNeedRestart");

        Assert.StartsWith("Kestrel was edited", Assert.Single(log.Entries, entry => entry.Event == "SettingsNeedRestart").Text);
    }

    private static JsonObject Bucket(int permits) => new()
    {
        ["Tiers"] = new JsonArray(new JsonObject { ["Algorithm"] = "TokenBucket", ["Permits"] = permits, ["Window"] = "00:00:01" }),
    };

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

    private static async Task<bool> PassesAsync(GatewayUnderTest gateway, string? key)
    {
        using var answer = await gateway.GetAsync("/api/data", key);
        return answer.StatusCode == HttpStatusCode.OK;
    }

    private static async Task<string> ReadAsync(GatewayUnderTest gateway, string path)
    {
        using var answer = await gateway.GetAsync(path, "operator");
        return await answer.Content.ReadAsStringAsync(Stop);
    }

    private static async Task<string> LimitAsync(GatewayUnderTest gateway)
    {
        using var answer = await gateway.GetAsync("/api/items/1", "test-client");
        return answer.Headers.GetValues("X-RateLimit-Limit").Single();
    }

    private Task<GatewayUnderTest> StartAsync(params (string, string)[] settings) => GatewayUnderTest.StartAsync(
        redis.ConnectionString,
        [("services:itemapi:http:0", upstream.Address), ("services:orchestrator:http:0", upstream.Address), .. settings],
        logs: log,
        files: files);
}
