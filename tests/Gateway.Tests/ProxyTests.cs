using System.Net;
using Microsoft.AspNetCore.Http;
using Sluice.Testing;

namespace Sluice.Gateway.Tests;

public sealed class ProxyTests : IAsyncLifetime
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private RedisServer redis = null!;

    public async ValueTask InitializeAsync() => redis = await RedisServer.StartAsync(Stop);

    public ValueTask DisposeAsync() => redis.DisposeAsync();

    [Fact]
    public async Task Upstream_learns_who_calls_but_never_the_key()
    {
        await using var upstream = await Upstream.StartAsync();
        await using var gateway = await StartAsync(upstream);

        foreach (var key in (string?[])["operator", "test-client", "made-up", null])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/imports");
            request.Headers.Add("X-Client", "forged");
            request.Headers.Add("x-client-roles", "operator");
            if (key is not null)
                request.Headers.Add("x-api-key", key);
            using var answer = await gateway.Client.SendAsync(request, Stop);
        }

        Assert.Equal(
            ["operator/operator", "test-client/", "/", "/"],
            upstream.Requests.Select(request => $"{request.Headers.GetValueOrDefault("X-Client")}/{request.Headers.GetValueOrDefault("X-Client-Roles")}"));
        Assert.All(upstream.Requests, request => Assert.DoesNotContain("X-API-Key", request.Headers.Keys));
    }

    [Fact]
    public async Task Every_replica_of_a_service_is_asked()
    {
        await using var one = await Upstream.StartAsync();
        await using var other = await Upstream.StartAsync();
        await using var gateway = await StartAsync(one, ("services:orchestrator:http:1", other.Address));

        await gateway.StatusesAsync(100, _ => gateway.GetAsync("/imports"));

        Assert.Equal(100, one.Requests.Count + other.Requests.Count);
        Assert.All([one, other], replica => Assert.NotEmpty(replica.Requests));
    }

    [Fact]
    public async Task A_replica_that_is_gone_is_left_out_after_five_requests()
    {
        await using var there = await Upstream.StartAsync();
        await using var gateway = await StartAsync(
            null, ("services:itemapi:http:0", there.Address), ("services:itemapi:http:1", "http://127.0.0.1:9"),
            ("ReverseProxy:Clusters:itemapi:HealthCheck:Passive:ReactivationPeriod", "01:00:00"));

        var bad = 0;
        await Deadline.UntilAsync(
            async () =>
            {
                using var answer = await gateway.GetAsync("/api/items/1");
                return answer.StatusCode == HttpStatusCode.BadGateway && ++bad == 5;
            },
            "five requests fail",
            cancellationToken: Stop);

        // The proxy draws its conclusion while it may serve others already.
        await Deadline.UntilAsync(() => Task.FromResult(gateway.ReplicasInUse("itemapi") == 1), "the replica is left out", cancellationToken: Stop);
        Assert.All(await gateway.StatusesAsync(20, _ => gateway.GetAsync("/api/items/1")), static status => Assert.Equal(HttpStatusCode.OK, status));
    }

    [Fact]
    public async Task What_an_upstream_sends_arrives_before_it_has_finished()
    {
        var received = new TaskCompletionSource();
        await using var upstream = await Upstream.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("data: first\n\n", Stop);
            await context.Response.Body.FlushAsync(Stop);
            await received.Task.WaitAsync(Stop);
            await context.Response.WriteAsync("data: last\n\n", Stop);
        });
        await using var gateway = await StartAsync(upstream);

        using var answer = await gateway.Client.GetAsync("/imports/1/events", HttpCompletionOption.ResponseHeadersRead, Stop).Within();
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Stop));
        Assert.Equal("data: first", await reader.ReadLineAsync(Stop).AsTask().Within());
        received.SetResult();

        Assert.Contains("data: last", await reader.ReadToEndAsync(Stop).Within());
    }

    [Theory]
    [InlineData("GET", "/nothing", HttpStatusCode.NotFound)]
    [InlineData("GET", "/api/nothing", HttpStatusCode.NotFound)]
    [InlineData("GET", "/importsandmore", HttpStatusCode.NotFound)]
    [InlineData("POST", "/api/items", HttpStatusCode.MethodNotAllowed)]
    public async Task An_unknown_route_is_answered_here_with_problem_details(string method, string path, HttpStatusCode expected)
    {
        await using var upstream = await Upstream.StartAsync();
        await using var gateway = await StartAsync(upstream, ("services:itemapi:http:0", upstream.Address));

        using var answer = await gateway.SendAsync(HttpMethod.Parse(method), path);

        Assert.Equal(expected, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Empty(upstream.Requests);
    }

    [Fact]
    public async Task An_upstreams_own_problem_passes_unchanged()
    {
        await using var upstream = await Upstream.StartAsync(static context =>
        {
            context.Response.StatusCode = StatusCodes.Status409Conflict;
            context.Response.Headers.Location = "/imports/7";
            context.Response.ContentType = "application/problem+json";
            return context.Response.WriteAsync("""{"title":"running"}""");
        });
        await using var gateway = await StartAsync(upstream);

        using var answer = await gateway.SendAsync(HttpMethod.Post, "/imports", "operator");

        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Equal("/imports/7", answer.Headers.Location?.ToString());
        Assert.Equal("""{"title":"running"}""", await answer.Content.ReadAsStringAsync(Stop));
    }

    [Fact]
    public async Task A_proxied_request_leaves_no_line_in_the_log()
    {
        using var log = new RecordedLog();
        await using var upstream = await Upstream.StartAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(redis.ConnectionString, Services(upstream), logs: log);
        await log.ForgetStartAsync();

        await gateway.StatusesAsync(3, _ => gateway.GetAsync("/imports", "test-client"));
        await gateway.StatusesAsync(3, _ => gateway.GetAsync("/nowhere", "made-up"));

        Assert.Empty(log.Entries);
    }

    [Fact]
    public async Task A_service_that_is_away_leaves_one_line_in_the_log_and_a_caller_who_hangs_up_none()
    {
        using var log = new RecordedLog();
        var (asked, gone) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var endless = await Upstream.StartAsync(async context =>
        {
            asked.SetResult();
            await context.Response.WriteAsync("data: first\n\n", Stop);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted)
                .ContinueWith(_ => gone.SetResult(), TaskScheduler.Default);
        });
        await using var gateway = await GatewayUnderTest.StartAsync(redis.ConnectionString, Services(endless), logs: log);
        await log.ForgetStartAsync();

        using (var answer = await gateway.Client.GetAsync("/imports/1/events", HttpCompletionOption.ResponseHeadersRead, Stop).Within())
            await asked.Task.Within();
        await gone.Task.Within();
        using var failed = await gateway.GetAsync("/api/items");

        Assert.Contains("itemapi", Assert.Single(log.Entries).Text);
        Assert.DoesNotContain("\n", log.Entries.Single().Text);
    }

    private Task<GatewayUnderTest> StartAsync(Upstream? orchestrator = null, params (string, string)[] settings) =>
        GatewayUnderTest.StartAsync(redis.ConnectionString, [.. Services(orchestrator), .. settings]);

    private static (string, string)[] Services(Upstream? orchestrator) =>
        orchestrator is null ? [] : [("services:orchestrator:http:0", orchestrator.Address)];
}
