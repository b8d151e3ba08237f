using System.Net;
using System.Text;
using Sluice.Testing;

namespace Sluice.Gateway.Tests;

/// <summary>Keys, addresses and paths that no honest caller sends, and a few that one might.</summary>
public sealed class OddRequestTests : GatewayTests
{
    [Theory]
    [InlineData("Operator")]
    [InlineData("OPERATOR")]
    [InlineData("operator, operator")]
    [InlineData("operator\u00ad")]
    [InlineData("\u30aa\u30da\u30ec\u30fc\u30bf")]
    [InlineData("06e55b633481f7bb072957eabcf110c972e86691c3cfedabe088024bffe42f23")]
    public async Task A_key_that_is_nearly_right_is_no_key(string key)
    {
        await using var gateway = await StartAsync();

        using var refused = await SendAsync(gateway, HttpMethod.Post, "/imports", ("X-API-Key", key));
        using var first = await SendAsync(gateway, HttpMethod.Get, "/api/items/1", ("X-API-Key", key));
        using var second = await SendAsync(gateway, HttpMethod.Get, "/api/items/1");

        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.TooManyRequests), (first.StatusCode, second.StatusCode));
    }

    [Theory]
    [InlineData("x-api-key", "operator")]
    [InlineData("X-API-KEY", "operator")]
    [InlineData("X-Api-Key", "  operator ")]
    public async Task The_header_s_case_and_the_space_around_its_value_do_not_matter(string header, string value)
    {
        await using var gateway = await StartAsync();

        using var answer = await SendAsync(gateway, HttpMethod.Post, "/imports", (header, value));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("unknown")]
    [InlineData("_hidden")]
    [InlineData("203.0.113.1:80:80")]
    [InlineData("999.1.1.1")]
    [InlineData(",,,,")]
    [InlineData("203.0.113.7, not-an-address")]
    public async Task A_forwarded_address_that_is_none_leaves_the_caller_who_he_is(string forwardedFor)
    {
        await using var gateway = await StartAsync();

        using var first = await SendAsync(gateway, HttpMethod.Get, "/api/items/1", ("X-Forwarded-For", forwardedFor));
        using var second = await SendAsync(gateway, HttpMethod.Get, "/api/items/1");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.TooManyRequests), (first.StatusCode, second.StatusCode));
    }

    [Theory]
    [InlineData("203.0.113.7:5000", "203.0.113.7")]
    [InlineData("[2001:db8::1]:5000", "2001:db8::2")]
    [InlineData("::ffff:203.0.113.7", "203.0.113.7")]
    public async Task An_address_is_the_same_caller_however_it_is_written(string one, string other)
    {
        await using var gateway = await StartAsync();

        using var first = await SendAsync(gateway, HttpMethod.Get, "/api/items/1", ("X-Forwarded-For", one));
        using var second = await SendAsync(gateway, HttpMethod.Get, "/api/items/1", ("X-Forwarded-For", other));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.TooManyRequests), (first.StatusCode, second.StatusCode));
    }

    [Fact]
    public async Task Headers_beyond_all_measure_are_431_and_cost_nobody_a_permit()
    {
        await using var gateway = await StartAsync();

        using var refused = await SendAsync(gateway, HttpMethod.Get, "/api/items/1", ("X-API-Key", new string('k', 40_000)));
        using var passed = await SendAsync(gateway, HttpMethod.Get, "/api/items/1");

        Assert.Equal((HttpStatusCode.RequestHeaderFieldsTooLarge, HttpStatusCode.OK), (refused.StatusCode, passed.StatusCode));
    }

    [Fact]
    public async Task A_refused_head_has_the_headers_of_a_429_and_no_body()
    {
        await using var gateway = await StartAsync();
        using var passed = await SendAsync(gateway, HttpMethod.Head, "/api/items/1");
        using var refused = await SendAsync(gateway, HttpMethod.Head, "/api/items/1");

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.True(refused.Headers.Contains("Retry-After"));
        Assert.True(refused.Headers.Contains("RateLimit"));
        Assert.Empty(await refused.Content.ReadAsByteArrayAsync(Stop));
    }

    [Theory]
    [InlineData("/api/items/%22%3Cscript%3E%F0%9F%98%80")]
    [InlineData("/API/ITEMS/1")]
    [InlineData("/api/items/")]
    [InlineData("/api/items/a/b/c?x=%00")]
    public async Task Every_spelling_of_a_limited_path_is_charged(string path)
    {
        await using var gateway = await StartAsync();

        using var passed = await SendAsync(gateway, HttpMethod.Get, path);
        using var refused = await SendAsync(gateway, HttpMethod.Get, path);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.TooManyRequests), (passed.StatusCode, refused.StatusCode));
        using var body = System.Text.Json.JsonDocument.Parse(await refused.Content.ReadAsStringAsync(Stop));
        Assert.Equal(429, body.RootElement.GetProperty("status").GetInt32());
    }

    private static async Task<HttpResponseMessage> SendAsync(
        GatewayUnderTest gateway, HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        using var client = new HttpClient(new SocketsHttpHandler { RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8 });
        using var request = new HttpRequestMessage(method, new Uri(gateway.Client.BaseAddress!, path));
        foreach (var (name, value) in headers)
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        return await client.SendAsync(request, Stop).Within();
    }

    /// <summary>One request per caller, for longer than any test takes.</summary>
    private Task<GatewayUnderTest> StartAsync() => StartAsync(
        [
            ("RateLimiting:Policies:items:Tiers:0:Permits", "1"),
            ("RateLimiting:Policies:items:Tiers:0:Window", "01:00:00"),
        ]);
}
