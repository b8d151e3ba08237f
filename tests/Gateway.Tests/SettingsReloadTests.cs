using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Sluice.Testing;

namespace Sluice.Gateway.Tests;

/// <summary>Sound edits: in force, and no request lost.</summary>
public sealed class SettingsReloadTests : SettingsTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_edit_takes_effect_and_no_request_is_lost(bool byReplacement)
    {
        Files.Edit(static settings => settings["RateLimiting"]!["Policies"]!["items"] = Bucket(100_001));
        await using var gateway = await StartAsync();
        await using var load = new Load(gateway, "/api/items/1");

        for (var edit = 1; edit <= 5; edit++)
        {
            // The routes' policy goes, and one of another name comes.
            Action<JsonNode> change = settings =>
            {
                var policies = settings["RateLimiting"]!["Policies"]!.AsObject();
                policies.Remove($"items{edit - 1}");
                policies.Remove("items");
                policies[$"items{edit}"] = Bucket(200_000 + edit);
                foreach (var route in (string[])["items", "records"])
                    settings["ReverseProxy"]!["Routes"]![route]!["Metadata"]!["RateLimitPolicy"] = $"items{edit}";
            };
            if (byReplacement)
                Files.Replace(change);
            else
                Files.Edit(change);

            await Log.UntilAsync(Applied, edit);
            await Deadline.UntilAsync(
                async () => await LimitAsync(gateway) == $"{200_000 + edit}", $"edit {edit} is in force", cancellationToken: Stop);
        }

        var statuses = await load.StopAsync();
        Assert.DoesNotContain(Log.Entries, entry => entry.Level >= LogLevel.Warning);
        Assert.Equal([HttpStatusCode.OK], statuses.Keys);
        Assert.InRange(statuses[HttpStatusCode.OK], 10, int.MaxValue);
    }

    [Fact]
    public async Task Clients_come_and_go_with_an_edit()
    {
        await using var gateway = await StartAsync(("RateLimiting:Policies:data:Tiers:0:Permits", "1"));
        Assert.Equal((true, false), (await PassesAsync(gateway, "new key"), await PassesAsync(gateway, null)));

        Files.Edit(
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
        await Log.UntilAsync(Applied);

        Assert.Equal((true, false), (await PassesAsync(gateway, "new key"), await PassesAsync(gateway, "new key")));
        using var told = await gateway.GetAsync("/limits/data/newcomer", "new key");
        using var unknown = await gateway.SendAsync(HttpMethod.Delete, "/limits/data/newcomer", "operator");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (told.StatusCode, unknown.StatusCode));
    }

    [Fact]
    public async Task A_limit_that_is_raised_serves_who_was_refused_before()
    {
        Files.Edit(static settings => settings["RateLimiting"]!["Policies"]!["data"]!["Tiers"]![0]!["Permits"] = 1);
        await using var gateway = await StartAsync();
        Assert.Equal((true, false), (await PassesAsync(gateway, "test-client"), await PassesAsync(gateway, "test-client")));

        Files.Edit(static settings => settings["RateLimiting"]!["Policies"]!["data"]!["Tiers"]![0]!["Permits"] = 3);
        await Log.UntilAsync(Applied);

        Assert.Equal((true, true, false), (await PassesAsync(gateway, "test-client"), await PassesAsync(gateway, "test-client"), await PassesAsync(gateway, "test-client")));
    }

    [Fact]
    public async Task What_is_read_at_the_start_alone_is_said_to_need_one()
    {
        await using var gateway = await StartAsync();

        Files.Edit(static settings => settings["Kestrel"]!["Limits"]!["MaxRequestBodySize"] = 7);
        await Log.UntilAsync("SettingsNeedRestart");

        Assert.StartsWith("Kestrel was edited", Assert.Single(Log.Entries, entry => entry.Event == "SettingsNeedRestart").Text);
    }

    [Fact]
    public async Task A_file_that_is_read_while_it_is_written_is_read_again_before_it_is_refused()
    {
        FakeTimeProvider time = new();
        await using var gateway = await StartGatewayAsync([("Logging:LogLevel:Sluice.Gateway", "Debug")], logs: Log, files: Files, time: time);
        var sound = Files.Read();

        Files.Write(new string(' ', sound.Length));
        await PassAsync("SettingsUnreadable");
        Files.Write(sound);
        Files.Edit(static settings => settings["RateLimiting"]!["Policies"]!["search"] = Bucket(7));
        await PassAsync(Applied);

        Assert.DoesNotContain(Log.Entries, entry => entry.Event == Refused);

        Task PassAsync(string @event) => Deadline.UntilAsync(
            () =>
            {
                if (Log.Entries.Any(entry => entry.Event == @event))
                    return Task.FromResult(true);
                time.Advance(TimeSpan.FromMilliseconds(50));
                return Task.FromResult(false);
            },
            $"the log has {@event}", cancellationToken: Stop);
    }

    private static async Task<bool> PassesAsync(GatewayUnderTest gateway, string? key)
    {
        using var answer = await gateway.GetAsync("/api/data", key);
        return answer.StatusCode == HttpStatusCode.OK;
    }

    private static async Task<string> LimitAsync(GatewayUnderTest gateway)
    {
        using var answer = await gateway.GetAsync("/api/items/1", "test-client");
        return answer.Headers.GetValues("X-RateLimit-Limit").Single();
    }
}
