using System.Globalization;
using System.Net;
using Sluice.Testing;
using StackExchange.Redis;

namespace Sluice.Gateway.Tests;

/// <summary>What callers see while Redis is gone, silent or empty.</summary>
public sealed class StoreOutageTests : GatewayTests
{
    /// <summary>Longer than any test: who is answered has not waited for Redis.</summary>
    private const int PauseMilliseconds = 3_600_000;

    [Theory]
    [InlineData("Allow", HttpStatusCode.OK)]
    [InlineData("Deny", HttpStatusCode.ServiceUnavailable)]
    public async Task With_redis_gone_every_request_is_answered_as_the_policy_says(string rule, HttpStatusCode expected)
    {
        await using var gateway = await StartAsync(rule);
        await Redis.KillAsync();

        await AllAnsweredAsync(gateway, expected);
    }

    [Theory]
    [InlineData("Allow", HttpStatusCode.OK)]
    [InlineData("Deny", HttpStatusCode.ServiceUnavailable)]
    public async Task With_redis_silent_every_request_is_answered_as_the_policy_says_and_afterwards_limits_hold_again(string rule, HttpStatusCode expected)
    {
        await using var gateway = await StartAsync(rule, ("RateLimiting:StoreTimeout", "00:00:00.200"));
        using var warm = await gateway.GetAsync("/api/items/1", "test-client");
        using var admin = await ConnectionMultiplexer.ConnectAsync(Redis.ConnectionString + ",allowAdmin=true");
        await admin.GetDatabase().ExecuteAsync("CLIENT", "PAUSE", PauseMilliseconds, "WRITE");

        await AllAnsweredAsync(gateway, expected);

        await admin.GetDatabase().ExecuteAsync("CLIENT", "UNPAUSE");
        await CountsAgainAsync(gateway);
    }

    [Fact]
    public async Task With_redis_gone_a_local_policy_limits_each_gateway_to_its_share()
    {
        await using var gateway = await StartAsync(
            "Local",
            ("RateLimiting:Instances", "2"),
            ("RateLimiting:Policies:items:Tiers:0:Permits", "6"),
            ("RateLimiting:Policies:items:Tiers:0:Window", "01:00:00"));
        await Redis.KillAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => gateway.GetAsync("/api/items/1", "test-client"))).Within();

        Assert.Equal(3, answers.Count(answer => answer.StatusCode == HttpStatusCode.OK));
        Assert.Equal(7, answers.Count(answer => answer.StatusCode == HttpStatusCode.TooManyRequests));
        Assert.All(answers, answer =>
        {
            Assert.Equal("3", Assert.Single(answer.Headers.GetValues("X-RateLimit-Limit")));
            Assert.StartsWith("\"burst\";r=", Assert.Single(answer.Headers.GetValues("RateLimit")));
        });
    }

    [Fact]
    public async Task A_redis_that_came_back_empty_counts_from_the_start_with_the_whole_limit()
    {
        await using var gateway = await StartAsync(
            "Deny",
            ("RateLimiting:Policies:items:Tiers:0:Permits", "3"),
            ("RateLimiting:Policies:items:Tiers:0:Window", "01:00:00"));
        Assert.Equal(
            [HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests],
            await gateway.StatusesAsync(4, _ => gateway.GetAsync("/api/items/1", "test-client")));

        await Redis.KillAsync();
        await Redis.RestartAsync(Stop);
        await CountsAgainAsync(gateway);

        // A refusal is remembered for a moment.
        await Deadline.UntilAsync(
            async () => (await gateway.StatusesAsync(1, _ => gateway.GetAsync("/api/items/1", "test-client"))).Contains(HttpStatusCode.OK),
            "the refused caller is served again",
            cancellationToken: Stop);
        Assert.Equal(
            [HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests],
            await gateway.StatusesAsync(3, _ => gateway.GetAsync("/api/items/1", "test-client")));
    }

    private static async Task AllAnsweredAsync(GatewayUnderTest gateway, HttpStatusCode expected)
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => gateway.GetAsync("/api/items/1", "test-client"))).Within();

        Assert.All(answers, answer =>
        {
            Assert.Equal(expected, answer.StatusCode);
            Assert.DoesNotContain(answer.Headers, header => header.Key.Contains("RateLimit", StringComparison.OrdinalIgnoreCase));
            if (expected == HttpStatusCode.OK)
                return;
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
            Assert.InRange(int.Parse(Assert.Single(answer.Headers.GetValues("Retry-After")), CultureInfo.InvariantCulture), 1, 60);
        });
    }

    /// <summary>Asks as somebody else, whose requests are not those that the test counts.</summary>
    private static Task CountsAgainAsync(GatewayUnderTest gateway) => Deadline.UntilAsync(
        async () =>
        {
            using var answer = await gateway.GetAsync("/api/items/1", "operator");
            return answer.Headers.Contains("X-RateLimit-Remaining");
        },
        "the gateway counts again",
        cancellationToken: Stop);

    private Task<GatewayUnderTest> StartAsync(string rule, params (string, string)[] settings) => StartAsync(
        [("RateLimiting:Policies:items:OnStoreFailure", rule), .. settings]);
}
