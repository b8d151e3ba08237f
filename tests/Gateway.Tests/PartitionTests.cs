using System.Net;
using Sluice.ServiceDefaults.Startup;
using Sluice.Testing;

namespace Sluice.Gateway.Tests;

/// <summary>What a policy counts by.</summary>
public sealed class PartitionTests : GatewayTests
{
    private const string Tenant = "X-Tenant";

    [Fact]
    public async Task By_address_the_clients_of_one_share_and_each_has_its_own()
    {
        await using var gateway = await StartAsync("ip");

        Assert.True(await PassesAsync(gateway, key: "test-client", address: "203.0.113.1"));
        Assert.False(await PassesAsync(gateway, key: "operator", address: "203.0.113.1"));
        Assert.True(await PassesAsync(gateway, key: "operator", address: "203.0.113.2"));
        Assert.Equal(["{data:ip:203.0.113.1}", "{data:ip:203.0.113.2}"], await TagsAsync());
    }

    [Fact]
    public async Task By_header_each_value_has_its_own_and_leaving_it_out_counts_as_the_address()
    {
        await using var gateway = await StartAsync($"Header:{Tenant}");

        Assert.True(await PassesAsync(gateway, tenant: "acme"));
        Assert.False(await PassesAsync(gateway, tenant: "acme", address: "203.0.113.9"));
        Assert.True(await PassesAsync(gateway, tenant: "other"));
        Assert.True(await PassesAsync(gateway, address: "203.0.113.1"));
        Assert.False(await PassesAsync(gateway, address: "203.0.113.1", tenant: ""));
        Assert.True(await PassesAsync(gateway, address: "203.0.113.2"));
        Assert.Equal(["{data:header:acme}", "{data:header:other}", "{data:ip:203.0.113.1}", "{data:ip:203.0.113.2}"], await TagsAsync());
    }

    [Theory]
    [InlineData("ip:203.0.113.1")]
    [InlineData("a+ip:203.0.113.1")]
    [InlineData("a}:sliding_window:1-per-3600s")]
    [InlineData("sha256:00000000000000000000000000000000")]
    [InlineData("a b")]
    [InlineData("\u00fcmlaut")]
    public async Task A_header_value_is_no_part_of_another_kind_whatever_it_says(string tenant)
    {
        await using var gateway = await StartAsync($"Header:{Tenant}+Ip");

        Assert.True(await PassesAsync(gateway, tenant: tenant, address: "203.0.113.2"));
        Assert.Matches("^{data:header:sha256:[0-9a-f]{32}\\+ip:203\\.0\\.113\\.2}$", Assert.Single(await TagsAsync()));
        Assert.False(await PassesAsync(gateway, tenant: tenant, address: "203.0.113.2"));
        Assert.True(await PassesAsync(gateway, tenant: "a", address: "203.0.113.1"));
        Assert.True(await PassesAsync(gateway, address: "203.0.113.1"));
    }

    [Fact]
    public async Task A_long_header_value_makes_no_long_key_and_still_counts_for_itself()
    {
        await using var gateway = await StartAsync($"Header:{Tenant}");
        var (one, other) = (new string('a', 8000), new string('a', 7999) + "b");

        Assert.True(await PassesAsync(gateway, tenant: one));
        Assert.False(await PassesAsync(gateway, tenant: one));
        Assert.True(await PassesAsync(gateway, tenant: other));
        Assert.All(await TagsAsync(), tag => Assert.InRange(tag.Length, 1, 64));
    }

    [Fact]
    public async Task By_route_all_callers_share_and_each_route_has_its_own()
    {
        await using var gateway = await StartAsync("Route", ("ReverseProxy:Routes:search:Metadata:RateLimitPolicy", "data"));

        Assert.True(await PassesAsync(gateway, key: "test-client"));
        Assert.False(await PassesAsync(gateway, key: "operator", address: "203.0.113.1"));
        Assert.True(await PassesAsync(gateway, path: "/api/search"));
        Assert.Equal(["{data:route:data}", "{data:route:search}"], await TagsAsync());
    }

    [Fact]
    public async Task A_mix_counts_by_all_of_its_parts()
    {
        await using var gateway = await StartAsync($"Client + route+Header:{Tenant}", ("ReverseProxy:Routes:search:Metadata:RateLimitPolicy", "data"));

        Assert.True(await PassesAsync(gateway, key: "test-client", tenant: "acme"));
        Assert.True(await PassesAsync(gateway, key: "test-client", tenant: "other"));
        Assert.True(await PassesAsync(gateway, key: "operator", tenant: "acme"));
        Assert.True(await PassesAsync(gateway, key: "test-client", tenant: "acme", path: "/api/search"));
        Assert.False(await PassesAsync(gateway, key: "test-client", tenant: "acme"));
        Assert.Contains("{data:client:test-client+route:search+header:acme}", await TagsAsync());
    }

    [Theory]
    [InlineData("Moon", "is 'Moon'")]
    [InlineData("0", "is '0'")]
    [InlineData("Client,Ip", "is 'Client,Ip'")]
    [InlineData("Client+", "is ''")]
    [InlineData("Client+client", "must not name 'client' twice")]
    [InlineData("Header", "is 'Header'")]
    [InlineData("Header:", "must name a header")]
    [InlineData("Header:X Tenant", "must name a header")]
    [InlineData("Header:x-api-key", "'Client' counts by registered keys")]
    public async Task A_partition_that_is_none_is_a_fault_with_its_path(string partition, string fault)
    {
        var refusal = await Assert.ThrowsAsync<StartupException>(() => StartAsync(partition));

        Assert.StartsWith("RateLimiting:Policies:data:Partition must", Assert.Single(refusal.Faults));
        Assert.Contains(fault, refusal.Faults[0]);
    }

    private static async Task<bool> PassesAsync(
        GatewayUnderTest gateway, string? key = null, string? address = null, string? tenant = null, string path = "/api/data")
    {
        using var client = new HttpClient(new SocketsHttpHandler { RequestHeaderEncodingSelector = static (_, _) => System.Text.Encoding.UTF8 });
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(gateway.Client.BaseAddress!, path));
        foreach (var (name, value) in ((string, string?)[])[("X-API-Key", key), ("X-Forwarded-For", address), (Tenant, tenant)])
            if (value is not null)
                Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        using var answer = await client.SendAsync(request, Stop);
        Assert.Contains(answer.StatusCode, (HttpStatusCode[])[HttpStatusCode.OK, HttpStatusCode.TooManyRequests]);
        return answer.StatusCode == HttpStatusCode.OK;
    }

    /// <summary>Whose state Redis holds: the keys' hash tags.</summary>
    private async Task<List<string>> TagsAsync() =>
        [.. (await RedisKeys.OfAsync(Redis)).Select(key => key[key.IndexOf('{')..(key.LastIndexOf('}') + 1)]).Distinct()];

    /// <summary>One request per partition, for longer than any test takes.</summary>
    private Task<GatewayUnderTest> StartAsync(string partition, params (string, string)[] settings) => StartAsync(
        [
            ("RateLimiting:Policies:data:Partition", partition),
            ("RateLimiting:Policies:data:Tiers:0:Permits", "1"),
            ("RateLimiting:Policies:data:Tiers:0:Window", "01:00:00"),
            .. settings,
        ]);
}
