using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Sluice.Testing;

namespace Sluice.Gateway.Tests;

public sealed partial class LimitTests : GatewayTests
{
    [Fact]
    public async Task Of_600_requests_at_once_with_one_key_exactly_500_pass_and_each_answer_says_where_it_stands()
    {
        await using var gateway = await StartAsync();
        var before = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

        var answers = await Task.WhenAll(Enumerable.Range(0, 600).Select(_ => gateway.GetAsync("/api/items/1", "test-client")));

        var after = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var passed = answers.Where(answer => answer.StatusCode == HttpStatusCode.OK).ToList();
        var refused = answers.Where(answer => answer.StatusCode == HttpStatusCode.TooManyRequests).ToList();
        Assert.Equal((500, 100), (passed.Count, refused.Count));
        Assert.Equal(500, Upstream.Requests.Count);
        Assert.Equal(Enumerable.Range(0, 500), passed.Select(answer => int.Parse(One(answer, "X-RateLimit-Remaining"), CultureInfo.InvariantCulture)).Order());
        Assert.All(answers, answer =>
        {
            Assert.Equal("500", One(answer, "X-RateLimit-Limit"));
            Assert.Equal("SlidingWindow", One(answer, "X-RateLimit-Strategy"));
            Assert.InRange(long.Parse(One(answer, "X-RateLimit-Reset"), CultureInfo.InvariantCulture), before, after + 21);
            Assert.Equal("\"burst\";q=500;w=20, \"sustained\";q=2000;w=100", One(answer, "RateLimit-Policy"));
            var state = State().Match(One(answer, "RateLimit"));
            Assert.True(state.Success);
            Assert.Equal(One(answer, "X-RateLimit-Remaining"), state.Groups["burst"].Value);
            Assert.Equal(1500, int.Parse(state.Groups["sustained"].Value, CultureInfo.InvariantCulture) - int.Parse(state.Groups["burst"].Value, CultureInfo.InvariantCulture));
        });
        foreach (var answer in refused)
        {
            using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Stop));
            var wait = int.Parse(One(answer, "Retry-After"), CultureInfo.InvariantCulture);
            Assert.InRange(wait, 1, 20);
            Assert.Equal("0", One(answer, "X-RateLimit-Remaining"));
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.ToString());
            Assert.Equal("Too Many Requests", body.RootElement.GetProperty("message").GetString());
            Assert.Equal(wait, body.RootElement.GetProperty("retry_after").GetInt32());
            Assert.Equal(429, body.RootElement.GetProperty("status").GetInt32());
            Assert.Equal("burst", body.RootElement.GetProperty("tier").GetString());
        }
    }

    [Fact]
    public async Task The_tier_that_refuses_is_the_one_that_the_headers_speak_of()
    {
        await using var gateway = await StartAsync([.. Tier(0, 5, "01:00:00"), .. Tier(1, 3, "02:00:00")]);

        var answers = new List<HttpResponseMessage>();
        for (var number = 0; number < 4; number++)
            answers.Add(await gateway.GetAsync("/api/items", "test-client"));

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests], answers.Select(answer => answer.StatusCode));
        Assert.Equal(["2", "1", "0", "0"], answers.Select(answer => One(answer, "X-RateLimit-Remaining")));
        Assert.All(answers, answer => Assert.Equal("3", One(answer, "X-RateLimit-Limit")));
        Assert.InRange(int.Parse(One(answers[3], "Retry-After"), CultureInfo.InvariantCulture), 3601, 7200);
    }

    [Fact]
    public async Task Two_gateways_share_one_limit()
    {
        await using var one = await StartAsync(Limit(10));
        await using var other = await StartAsync(Limit(10));

        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(number => (number % 2 == 0 ? one : other).GetAsync("/api/items/1", "test-client")));

        Assert.Equal(10, answers.Count(answer => answer.StatusCode == HttpStatusCode.OK));
    }

    [Fact]
    public async Task Keys_that_are_not_registered_count_as_their_address_and_a_registered_one_for_itself()
    {
        await using var gateway = await StartAsync(Limit(3));

        Assert.Equal(3, Passed(await gateway.StatusesAsync(6, number => gateway.GetAsync("/api/items/1", $"made-up-{number}"))));
        Assert.Equal(0, Passed(await gateway.StatusesAsync(2, _ => gateway.GetAsync("/api/items/1"))));
        Assert.Equal(0, Passed(await gateway.StatusesAsync(1, _ => gateway.GetAsync("/api/items/1", new string('k', 4000)))));
        Assert.Equal(3, Passed(await gateway.StatusesAsync(4, _ => gateway.GetAsync("/api/items/1", "test-client"))));
    }

    [Fact]
    public async Task The_address_is_the_forwarded_one_where_the_proxy_is_known()
    {
        await using var gateway = await StartAsync(Limit(1));

        Assert.Equal(5, Passed(await gateway.StatusesAsync(5, number => gateway.GetAsync("/api/items/1", forwardedFor: $"203.0.113.{number}"))));
        Assert.Equal(0, Passed(await gateway.StatusesAsync(1, _ => gateway.GetAsync("/api/items/1", forwardedFor: "203.0.113.3"))));
    }

    [Fact]
    public async Task Only_the_hop_that_the_known_proxy_added_counts()
    {
        await using var gateway = await StartAsync(Limit(2));

        Assert.Equal(2, Passed(await gateway.StatusesAsync(5, number => gateway.GetAsync("/api/items/1", forwardedFor: $"198.51.100.{number}, 203.0.113.1"))));
    }

    [Theory]
    [InlineData("127.0.0.1", "https")]
    [InlineData("10.9.9.9", "http")]
    public async Task Services_learn_of_tls_in_front_from_a_known_proxy(string proxy, string scheme)
    {
        await using var gateway = await StartGatewayAsync([("ForwardedHeaders:Proxies:0", proxy)], "Production");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/items/1") { Headers = { { "X-Forwarded-Proto", "https" } } };

        using var answer = await gateway.Client.SendAsync(request, Stop);

        Assert.Equal(scheme, Assert.Single(Upstream.Requests).Headers["X-Forwarded-Proto"]);
    }

    [Theory]
    [InlineData("Development", "10.9.9.9")]
    [InlineData("Production", null)]
    public async Task A_forged_forwarded_address_counts_for_nothing(string environment, string? proxy)
    {
        (string, string)[] proxies = proxy is null ? [] : [("ForwardedHeaders:Proxies:0", proxy), ("ForwardedHeaders:Proxies:1", proxy)];
        await using var gateway = await StartGatewayAsync([.. Limit(2), .. proxies], environment);

        Assert.Equal(2, Passed(await gateway.StatusesAsync(5, number => gateway.GetAsync("/api/items/1", forwardedFor: $"203.0.113.{number}"))));
    }

    [Fact]
    public async Task An_ipv6_network_of_64_bits_is_one_caller()
    {
        await using var gateway = await StartAsync(Limit(2));

        Assert.Equal(2, Passed(await gateway.StatusesAsync(4, number => gateway.GetAsync("/api/items/1", forwardedFor: $"2001:db8:1:2:{number}::1"))));
        Assert.Equal(1, Passed(await gateway.StatusesAsync(1, _ => gateway.GetAsync("/api/items/1", forwardedFor: "2001:db8:1:3::1"))));
    }

    [Fact]
    public async Task An_upstreams_own_limit_headers_are_replaced()
    {
        await using var boasting = await Upstream.StartAsync(static context =>
        {
            context.Response.Headers["X-RateLimit-Limit"] = "7";
            context.Response.Headers["RateLimit"] = "\"theirs\";r=1;t=1";
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
        await using var gateway = await StartAsync([("services:itemapi:http:0", boasting.Address)]);

        using var answer = await gateway.GetAsync("/api/items/1", "test-client");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("500", One(answer, "X-RateLimit-Limit"));
        Assert.StartsWith("\"burst\";r=499;t=", One(answer, "RateLimit"));
    }

    [Fact]
    public async Task An_answer_of_the_gateways_own_carries_the_headers_too()
    {
        await using var gateway = await StartAsync([("services:itemapi:http:0", "http://127.0.0.1:9")]);

        using var answer = await gateway.GetAsync("/api/items/1", "test-client");

        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        Assert.Equal("499", One(answer, "X-RateLimit-Remaining"));
    }

    [Theory]
    [InlineData("/nowhere")]
    [InlineData("/alive")]
    public async Task What_has_no_policy_is_neither_counted_nor_marked(string path)
    {
        await using var gateway = await StartAsync([.. Limit(1), ("services:orchestrator:http:0", Upstream.Address)]);

        for (var number = 0; number < 3; number++)
        {
            using var answer = await gateway.GetAsync(path);
            Assert.NotEqual(HttpStatusCode.TooManyRequests, answer.StatusCode);
            Assert.DoesNotContain(answer.Headers, header => header.Key.Contains("RateLimit", StringComparison.OrdinalIgnoreCase));
        }
    }


    /// <summary>The same small limit in both of the policy's tiers, for longer than any test takes.</summary>
    private static (string, string)[] Limit(int permits) => [.. Tier(0, permits, "01:00:00"), .. Tier(1, permits, "02:00:00")];

    private static (string, string)[] Tier(int index, int permits, string window) =>
    [
        ($"RateLimiting:Policies:items:Tiers:{index}:Permits", permits.ToString(CultureInfo.InvariantCulture)),
        ($"RateLimiting:Policies:items:Tiers:{index}:Window", window),
    ];

    private static int Passed(IEnumerable<HttpStatusCode> statuses) => statuses.Count(status => status == HttpStatusCode.OK);

    private static string One(HttpResponseMessage answer, string header) => Assert.Single(answer.Headers.GetValues(header));

    [GeneratedRegex("""^"burst";r=(?<burst>\d+);t=\d+, "sustained";r=(?<sustained>\d+);t=\d+$""")]
    private static partial Regex State();
}
