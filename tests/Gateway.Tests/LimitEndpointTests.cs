using System.Globalization;
using System.Net;
using System.Text.Json;
using Sluice.Testing;

namespace Sluice.Gateway.Tests;

/// <summary>Reading limits and where a client stands, and giving a fresh start.</summary>
public sealed class LimitEndpointTests : GatewayTests
{
    [Fact]
    public async Task Anybody_may_read_the_policies_in_force()
    {
        await using var gateway = await StartAsync(
            ("RateLimiting:Policies:data:Shadow", "true"),
            ("RateLimiting:Policies:buy:Tiers:0:Burst", "9"),
            ("RateLimiting:Policies:items:Overrides:test-client:Tiers:0:Permits", "7"),
            ("RateLimiting:Policies:items:Overrides:test-client:Tiers:0:Window", "00:00:01"),
            ("RateLimiting:Policies:items:Overrides:operator:Unlimited", "true"));

        var policies = await PoliciesAsync(gateway);

        Assert.Equal(["buy", "control", "data", "items", "reads", "search", "upload"], policies.Keys.Order());
        Assert.Equal(
            """{"name":"buy","partition":"Client","cost":1,"onStoreFailure":"Local","failureMode":null,"shadow":false,"tiers":[{"name":"5-per-5s","algorithm":"TokenBucket","permits":5,"windowSeconds":5,"burst":9}],"overrides":null}""",
            policies["buy"].GetRawText());
        Assert.True(policies["data"].GetProperty("shadow").GetBoolean());
        Assert.Equal(
            """[{"client":"operator","unlimited":true,"tiers":[]},{"client":"test-client","unlimited":false,"tiers":[{"name":"7-per-1s","algorithm":"SlidingWindow","permits":7,"windowSeconds":1,"burst":7}]}]""",
            (await PoliciesAsync(gateway, "operator"))["items"].GetProperty("overrides").GetRawText());

        // Who has limits of its own is nobody else's business.
        foreach (var key in (string?[])[null, "test-client"])
            Assert.All((await PoliciesAsync(gateway, key)).Values, policy => Assert.Equal(JsonValueKind.Null, policy.GetProperty("overrides").ValueKind));
    }

    [Fact]
    public async Task The_breaker_and_the_failure_mode_in_force_show_an_outage_of_redis_and_its_end()
    {
        await using var gateway = await StartAsync();
        var before = await JsonAsync(gateway, HttpStatusCode.OK, "/limits");
        Assert.Equal("closed", before.GetProperty("breaker").GetProperty("state").GetString());

        await Redis.KillAsync();
        await Deadline.UntilAsync(
            async () =>
            {
                var policies = await PoliciesAsync(gateway);
                return Mode(policies["items"]) == "Allow" && Mode(policies["upload"]) == "Deny" && Mode(policies["buy"]) == "Local";
            },
            "every policy says how it fails",
            cancellationToken: Stop);
        var during = (await JsonAsync(gateway, HttpStatusCode.OK, "/limits")).GetProperty("breaker");
        Assert.Contains(during.GetProperty("state").GetString(), (string[])["open", "half-open"]);
        Assert.True(Since(during) > Since(before.GetProperty("breaker")));

        await Redis.RestartAsync(Stop);
        await Deadline.UntilAsync(
            async () => (await PoliciesAsync(gateway)).Values.All(policy => Mode(policy) is null), "no policy fails", cancellationToken: Stop);
        var after = (await JsonAsync(gateway, HttpStatusCode.OK, "/limits")).GetProperty("breaker");
        Assert.Equal("closed", after.GetProperty("state").GetString());
        Assert.True(Since(after) > Since(during));

        static string? Mode(JsonElement policy) => policy.GetProperty("failureMode").GetString();
        static DateTimeOffset Since(JsonElement breaker) => breaker.GetProperty("since").GetDateTimeOffset();
    }

    [Fact]
    public async Task An_operator_sees_where_a_client_stands_and_looking_costs_nothing()
    {
        await using var gateway = await StartAsync();
        await gateway.StatusesAsync(10, _ => gateway.GetAsync("/api/data", "test-client"));

        for (var look = 0; look < 3; look++)
        {
            var status = await JsonAsync(gateway, HttpStatusCode.OK, "/limits/DATA/Test-Client", "operator");
            var tier = Assert.Single(status.GetProperty("tiers").EnumerateArray());
            Assert.Equal("data", status.GetProperty("policy").GetString());
            Assert.Equal("client:test-client", status.GetProperty("partition").GetString());
            Assert.Equal((10, 10, 0), (Number(tier, "limit"), Number(tier, "used"), Number(tier, "remaining")));
            Assert.InRange(status.GetProperty("retryAfterSeconds").GetDouble(), double.Epsilon, 60);
            Assert.InRange(tier.GetProperty("resetAfterSeconds").GetDouble(), double.Epsilon, 60);
        }

        var untouched = await JsonAsync(gateway, HttpStatusCode.OK, "/limits/data/operator", "operator");
        Assert.Equal(0, untouched.GetProperty("retryAfterSeconds").GetDouble());
        Assert.Equal(0, Number(untouched.GetProperty("tiers")[0], "used"));
    }

    [Theory]
    [InlineData("203.0.113.7", "ip:203.0.113.7")]
    [InlineData("ip:203.0.113.7", "ip:203.0.113.7")]
    [InlineData("::ffff:203.0.113.7", "ip:203.0.113.7")]
    [InlineData("2001:db8::7:8", "ip:2001:db8::/64")]
    [InlineData("2001:db8::/64", "ip:2001:db8::/64")]
    [InlineData("ip:2001:db8::%2F64", "ip:2001:db8::/64")]
    public async Task An_address_stands_for_all_who_have_no_key_there_however_it_is_written(string client, string partition)
    {
        await using var gateway = await StartAsync();
        foreach (var address in (string[])["203.0.113.7", "2001:db8::1"])
            using (await gateway.GetAsync("/api/data", forwardedFor: address))
            {
            }

        var status = await JsonAsync(gateway, HttpStatusCode.OK, $"/limits/data/{client}", "operator");

        Assert.Equal(partition, status.GetProperty("partition").GetString());
        Assert.Equal(1, Number(status.GetProperty("tiers")[0], "used"));
    }

    [Theory]
    [InlineData("Header:X-Tenant", "acme", "header:acme")]
    [InlineData("Header:X-Tenant", "header:acme", "header:acme")]
    [InlineData("Route", "data", "route:data")]
    [InlineData("Client+Route", "client:test-client+route:data", "client:test-client+route:data")]
    [InlineData("Client+Route", "test-client+data", "client:test-client+route:data")]
    [InlineData("Header:X-Tenant+Ip", "acme+127.0.0.1", "header:acme+ip:127.0.0.1")]
    public async Task In_a_policy_that_counts_by_something_else_the_partition_is_named_by_its_parts(string counts, string client, string partition)
    {
        await using var gateway = await StartAsync(("RateLimiting:Policies:data:Partition", counts));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/data");
        request.Headers.Add("X-API-Key", "test-client");
        request.Headers.Add("X-Tenant", "acme");
        using var answer = await gateway.Client.SendAsync(request, Stop);

        var status = await JsonAsync(gateway, HttpStatusCode.OK, $"/limits/data/{client}", "operator");

        Assert.Equal(partition, status.GetProperty("partition").GetString());
        Assert.Equal(1, Number(status.GetProperty("tiers")[0], "used"));
    }

    [Theory]
    [InlineData("Client", "test-client", "client:test-client")]
    [InlineData("Ip", "test-client+127.0.0.1", "client:test-client+ip:127.0.0.1")]
    public async Task A_client_with_limits_of_its_own_is_seen_and_reset_as_such(string counts, string client, string partition)
    {
        await using var gateway = await StartAsync(
            ("RateLimiting:Policies:data:Partition", counts),
            ("RateLimiting:Policies:data:Overrides:test-client:Tiers:0:Permits", "2"),
            ("RateLimiting:Policies:data:Overrides:test-client:Tiers:0:Window", "01:00:00"));
        await gateway.StatusesAsync(2, _ => gateway.GetAsync("/api/data", "test-client"));

        var status = await JsonAsync(gateway, HttpStatusCode.OK, $"/limits/data/{client}", "operator");
        Assert.Equal((partition, true), (status.GetProperty("partition").GetString(), status.GetProperty("overridden").GetBoolean()));
        Assert.Equal((2, 2), (Number(status.GetProperty("tiers")[0], "limit"), Number(status.GetProperty("tiers")[0], "used")));

        using var reset = await gateway.SendAsync(HttpMethod.Delete, $"/limits/data/{client}", "operator");
        using var passed = await gateway.GetAsync("/api/data", "test-client");
        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.OK), (reset.StatusCode, passed.StatusCode));
    }

    [Fact]
    public async Task A_reset_client_starts_afresh_at_every_gateway_and_nobody_else_does()
    {
        await using var gateway = await StartAsync();
        await using var other = await StartAsync();
        foreach (var key in (string[])["test-client", "importer"])
            Assert.Contains(HttpStatusCode.TooManyRequests, await gateway.StatusesAsync(11, _ => gateway.GetAsync("/api/data", key)));

        using var reset = await gateway.SendAsync(HttpMethod.Delete, "/limits/data/test-client", "operator");

        Assert.Equal(HttpStatusCode.NoContent, reset.StatusCode);
        Assert.Empty(await reset.Content.ReadAsByteArrayAsync(Stop));
        Assert.All(await other.StatusesAsync(10, _ => other.GetAsync("/api/data", "test-client")), status => Assert.Equal(HttpStatusCode.OK, status));
        using var refused = await gateway.GetAsync("/api/data", "importer");
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("DELETE")]
    public async Task Without_redis_it_is_503_with_retry_after(string method)
    {
        await using var gateway = await StartAsync();
        await Redis.KillAsync();

        using var answer = await gateway.SendAsync(HttpMethod.Parse(method), "/limits/data/test-client", "operator");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.InRange(int.Parse(answer.Headers.GetValues("Retry-After").Single(), CultureInfo.InvariantCulture), 1, 60);
    }

    [Theory]
    [InlineData("/limits/nothing/test-client", "There is no policy 'nothing'. There are: buy, control, data, items, reads, search, upload.")]
    [InlineData("/limits/data/stranger", "There is no client 'stranger' in the policy 'data', which counts by Client.")]
    [InlineData("/limits/data/1", "There is no client '1' in the policy 'data', which counts by Client.")]
    [InlineData("/limits/data/a+b", "There is no client 'a+b' in the policy 'data', which counts by Client.")]
    [InlineData("/limits/data/client:test-client+ip:127.0.0.1", "There is no client 'client:test-client+ip:127.0.0.1' in the policy 'data', which counts by Client.")]
    [InlineData("/limits/data/", "There is no client '' in the policy 'data', which counts by Client.")]
    public async Task What_there_is_not_is_404_and_named(string path, string detail)
    {
        await using var gateway = await StartAsync();

        foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Delete])
        {
            using var answer = await gateway.SendAsync(method, path, "operator");
            using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Stop));
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            Assert.Equal(detail, problem.RootElement.GetProperty("detail").GetString());
        }
    }

    [Theory]
    [InlineData("test-client", "test-client", HttpStatusCode.OK)]
    [InlineData("test-client", "client:TEST-CLIENT", HttpStatusCode.OK)]
    [InlineData("test-client", "127.0.0.1", HttpStatusCode.OK)]
    [InlineData(null, "127.0.0.1", HttpStatusCode.OK)]
    [InlineData("made-up", "127.0.0.1", HttpStatusCode.OK)]
    [InlineData("test-client", "operator", HttpStatusCode.Forbidden)]
    [InlineData("test-client", "127.0.0.2", HttpStatusCode.Forbidden)]
    [InlineData("test-client", "stranger", HttpStatusCode.Forbidden)]
    [InlineData(null, "test-client", HttpStatusCode.Unauthorized)]
    [InlineData("made-up", "stranger", HttpStatusCode.Unauthorized)]
    [InlineData("operator", "test-client", HttpStatusCode.OK)]
    public async Task Who_is_no_operator_sees_himself_alone_and_resets_nobody(string? key, string client, HttpStatusCode expected)
    {
        await using var gateway = await StartAsync();

        using var read = await gateway.GetAsync($"/limits/data/{client}", key);
        using var reset = await gateway.SendAsync(HttpMethod.Delete, $"/limits/data/{client}", key);

        Assert.Equal(expected, read.StatusCode);
        Assert.Equal(
            key switch { "operator" => HttpStatusCode.NoContent, "test-client" => HttpStatusCode.Forbidden, _ => HttpStatusCode.Unauthorized },
            reset.StatusCode);
    }

    [Fact]
    public async Task Operators_too_are_held_to_the_policy_control()
    {
        await using var gateway = await StartAsync(("RateLimiting:Policies:control:Tiers:0:Permits", "3"), ("RateLimiting:Policies:control:Tiers:0:Window", "01:00:00"));

        var statuses = await gateway.StatusesAsync(2, _ => gateway.GetAsync("/limits", "operator"));
        statuses.AddRange(await gateway.StatusesAsync(2, _ => gateway.SendAsync(HttpMethod.Delete, "/limits/data/operator", "operator")));

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.NoContent, HttpStatusCode.TooManyRequests], statuses);
    }

    private static async Task<Dictionary<string, JsonElement>> PoliciesAsync(GatewayUnderTest gateway, string? key = null) =>
        (await JsonAsync(gateway, HttpStatusCode.OK, "/limits", key)).GetProperty("policies").EnumerateArray()
            .ToDictionary(policy => policy.GetProperty("name").GetString()!);

    private static long Number(JsonElement of, string name) => of.GetProperty(name).GetInt64();

    private static async Task<JsonElement> JsonAsync(GatewayUnderTest gateway, HttpStatusCode expected, string path, string? key = null)
    {
        using var answer = await gateway.GetAsync(path, key);
        var body = await answer.Content.ReadAsStringAsync(Stop);
        Assert.True(expected == answer.StatusCode, body);
        return JsonElement.Parse(body);
    }
}
