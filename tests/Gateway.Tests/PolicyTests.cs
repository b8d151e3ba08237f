using System.Net;
using Sluice.Testing;

namespace Sluice.Gateway.Tests;

/// <summary>The policies as they are shipped, and what may be set for some clients.</summary>
public sealed class PolicyTests : GatewayTests
{
    [Theory]
    [InlineData("GET", "/api/items/1", "\"burst\";q=500;w=20, \"sustained\";q=2000;w=100", "SlidingWindow")]
    [InlineData("GET", "/api/data", "\"10-per-60s\";q=10;w=60", "SlidingWindow")]
    [InlineData("GET", "/api/search?q=x", "\"30-per-60s\";q=30;w=60", "TokenBucket")]
    [InlineData("POST", "/api/upload", "\"5-per-300s\";q=5;w=300", "SlidingWindow")]
    [InlineData("GET", "/imports/1/items", "\"1000-per-10s\";q=1000;w=10", "TokenBucket")]
    [InlineData("POST", "/imports/1/cancel", "\"100-per-10s\";q=100;w=10", "TokenBucket")]
    public async Task Each_route_goes_to_its_service_under_its_policy(string method, string path, string tiers, string strategy)
    {
        await using var gateway = await StartAsync();

        using var answer = await gateway.SendAsync(HttpMethod.Parse(method), path, "operator");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal($"{method} {path}", Upstream.Requests.Select(request => $"{request.Method} {request.Target}").Single());
        Assert.Equal(tiers, One(answer, "RateLimit-Policy"));
        Assert.Equal(strategy, One(answer, "X-RateLimit-Strategy"));
    }

    [Theory]
    [InlineData("GET", "/api/data", 10)]
    [InlineData("POST", "/api/upload", 5)]
    public async Task A_client_gets_as_many_as_the_policy_says_and_others_get_their_own(string method, string path, int limit)
    {
        await using var gateway = await StartAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, limit * 3).Select(_ => gateway.SendAsync(HttpMethod.Parse(method), path, "test-client")));

        Assert.Equal(limit, answers.Count(answer => answer.StatusCode == HttpStatusCode.OK));
        Assert.Equal(limit * 2, answers.Count(answer => answer.StatusCode == HttpStatusCode.TooManyRequests));
        using var other = await gateway.SendAsync(HttpMethod.Parse(method), path, "operator");
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Fact]
    public async Task A_cost_is_taken_from_every_tier_for_each_request()
    {
        await using var gateway = await StartAsync(("RateLimiting:Policies:data:Cost", "4"));

        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => gateway.GetAsync("/api/data", "test-client")));

        Assert.Equal(["2", "6"], answers.Where(answer => answer.StatusCode == HttpStatusCode.OK).Select(answer => One(answer, "X-RateLimit-Remaining")).Order());
    }

    [Theory]
    [InlineData("Client")]
    [InlineData("Ip")]
    [InlineData("Route")]
    public async Task A_client_with_limits_of_its_own_neither_shares_nor_uses_up_those_of_the_others(string partition)
    {
        await using var gateway = await StartAsync(
            ("RateLimiting:Policies:data:Partition", partition),
            ("RateLimiting:Policies:data:Overrides:test-client:Tiers:0:Permits", "13"),
            ("RateLimiting:Policies:data:Overrides:test-client:Tiers:0:Window", "01:00:00"));

        Assert.Equal(13, Passed(await gateway.StatusesAsync(15, _ => gateway.GetAsync("/api/data", "test-client"))));
        Assert.Equal(10, Passed(await gateway.StatusesAsync(12, _ => gateway.GetAsync("/api/data", "operator"))));
    }

    [Fact]
    public async Task An_unlimited_client_is_neither_counted_nor_marked_and_needs_no_redis()
    {
        await using var gateway = await StartAsync(
            ("RateLimiting:Policies:data:OnStoreFailure", "Deny"), ("RateLimiting:Policies:data:Overrides:TEST-client:Unlimited", "true"));

        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => gateway.GetAsync("/api/data", "test-client")));
        await Redis.KillAsync();
        using var without = await gateway.GetAsync("/api/data", "test-client");

        Assert.All([.. answers, without], answer =>
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.DoesNotContain(answer.Headers, header => header.Key.Contains("RateLimit", StringComparison.OrdinalIgnoreCase));
        });
    }

    [Fact]
    public async Task A_lease_is_held_until_the_response_has_ended()
    {
        var (asked, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var slow = await Upstream.StartAsync(async context =>
        {
            context.Response.ContentLength = 4;
            await context.Response.Body.WriteAsync("ab"u8.ToArray(), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            asked.TrySetResult();
            await go.Task.WaitAsync(context.RequestAborted);
            await context.Response.Body.WriteAsync("cd"u8.ToArray(), context.RequestAborted);
        });
        await using var gateway = await StartAsync(
            ("services:itemapi:http:0", slow.Address),
            ("RateLimiting:Policies:data:Tiers:0:Algorithm", "Concurrency"),
            ("RateLimiting:Policies:data:Tiers:0:Permits", "1"));

        var first = gateway.GetAsync("/api/data", "test-client");
        await asked.Task.Within();
        using var refused = await gateway.GetAsync("/api/data", "test-client");
        go.SetResult();
        using var answer = await first.Within();

        Assert.Equal((HttpStatusCode.TooManyRequests, HttpStatusCode.OK), (refused.StatusCode, answer.StatusCode));
        Assert.Equal("\"1-per-60s\";q=1;qu=\"concurrent-requests\"", One(answer, "RateLimit-Policy"));
        Assert.Equal("\"1-per-60s\";r=0", One(refused, "RateLimit"));
        Assert.Contains("under way", await refused.Content.ReadAsStringAsync(Stop));
        await Deadline.UntilAsync(
            async () =>
            {
                using var next = await gateway.GetAsync("/api/data", "test-client");
                return next.StatusCode == HttpStatusCode.OK;
            },
            "the lease is returned",
            cancellationToken: Stop);
    }

    [Fact]
    public async Task A_thousand_made_up_keys_of_one_address_are_one_key_in_redis()
    {
        await using var gateway = await StartAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => gateway.GetAsync("/api/data", Guid.NewGuid().ToString())));

        Assert.Equal(10, answers.Count(answer => answer.StatusCode == HttpStatusCode.OK));
        Assert.Single(await RedisKeys.OfAsync(Redis), key => key.Contains("{data:", StringComparison.Ordinal));

        // The start asks about nobody in each policy.
        Assert.InRange(gateway.Limiter.TrackedPartitions, 0, gateway.Limiter.Policies.Count + 1);
    }

    private static int Passed(IEnumerable<HttpStatusCode> statuses) => statuses.Count(status => status == HttpStatusCode.OK);

    private static string One(HttpResponseMessage answer, string header) => Assert.Single(answer.Headers.GetValues(header));
}
