using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Testing;

namespace Sluice.Gateway.Tests;

/// <summary>What callers see of a service that is away, slow or broken.</summary>
public sealed class UpstreamFaultTests : IAsyncLifetime
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private RedisServer redis = null!;

    public async ValueTask InitializeAsync() => redis = await RedisServer.StartAsync(Stop);

    public ValueTask DisposeAsync() => redis.DisposeAsync();

    [Theory]
    [InlineData("/imports", "orchestrator")]
    [InlineData("/api/items", "itemapi")]
    public async Task A_service_that_is_away_is_502(string path, string service)
    {
        await using var gateway = await StartAsync();

        await ProblemAsync(gateway, path, HttpStatusCode.BadGateway, $"The service '{service}' cannot be reached.");
    }

    [Fact]
    public async Task A_service_that_hangs_up_without_an_answer_is_502()
    {
        await using var rude = await Upstream.StartAsync(static context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        await using var gateway = await StartAsync(("services:itemapi:http:0", rude.Address));

        await ProblemAsync(gateway, "/api/items/1", HttpStatusCode.BadGateway, "The service 'itemapi' cannot be reached.");
    }

    [Fact]
    public async Task A_service_without_an_instance_is_503()
    {
        await using var gateway = await StartAsync(
            ("ReverseProxy:Clusters:nobody:LoadBalancingPolicy", "RoundRobin"),
            ("ReverseProxy:Routes:imports-read:ClusterId", "nobody"));

        await ProblemAsync(gateway, "/imports", HttpStatusCode.ServiceUnavailable, "No instance of the service 'nobody' is there to answer.");
    }

    [Fact]
    public async Task A_service_that_takes_too_long_is_504_and_is_told_to_stop()
    {
        var (asked, stopped) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var slow = await Upstream.StartAsync(context =>
        {
            asked.TrySetResult();
            return UntilAbortedAsync(context, stopped);
        });
        await using var gateway = await StartAsync(
            ("services:itemapi:http:0", slow.Address), ("ReverseProxy:Clusters:itemapi:HttpRequest:ActivityTimeout", "00:00:00.200"));

        // On a busy machine the time may be over before the service hears of the request.
        await Deadline.UntilAsync(
            async () =>
            {
                await ProblemAsync(gateway, "/api/items/1", HttpStatusCode.GatewayTimeout, "The service 'itemapi' took too long to answer.");
                return asked.Task.IsCompleted;
            },
            "the service hears of a request",
            cancellationToken: Stop);
        await stopped.Task.Within();
    }

    [Fact]
    public async Task An_answer_that_breaks_off_reaches_the_caller_as_broken_and_the_gateway_serves_on()
    {
        var begun = new TaskCompletionSource();
        await using var breaking = await Upstream.StartAsync(async context =>
        {
            context.Response.ContentLength = 1000;
            await context.Response.WriteAsync("half", Stop);
            await context.Response.Body.FlushAsync(Stop);
            await begun.Task.WaitAsync(Stop);
            context.Abort();
        });
        await using var gateway = await StartAsync(("services:orchestrator:http:0", breaking.Address));

        using var answer = await gateway.Client.GetAsync("/imports", HttpCompletionOption.ResponseHeadersRead, Stop).Within();
        begun.SetResult();
        await Assert.ThrowsAsync<HttpRequestException>(() => answer.Content.ReadAsStringAsync(Stop).Within());

        using var alive = await gateway.GetAsync("/alive");
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
    }

    [Fact]
    public async Task A_caller_who_hangs_up_before_the_answer_stops_the_service()
    {
        using var hangUp = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var (asked, stopped) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var slow = await Upstream.StartAsync(context =>
        {
            asked.SetResult();
            return UntilAbortedAsync(context, stopped);
        });
        await using var gateway = await StartAsync(("services:itemapi:http:0", slow.Address));

        var asking = gateway.Client.GetAsync("/api/items/1", hangUp.Token);
        await asked.Task.Within();
        await hangUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        await stopped.Task.Within();
    }

    private static async Task UntilAbortedAsync(HttpContext context, TaskCompletionSource stopped)
    {
        var aborted = new TaskCompletionSource();
        using var registration = context.RequestAborted.Register(aborted.SetResult);
        await aborted.Task.WaitAsync(Stop);
        stopped.TrySetResult();
    }

    private static async Task ProblemAsync(GatewayUnderTest gateway, string path, HttpStatusCode expected, string detail)
    {
        using var answer = await gateway.GetAsync(path).Within();
        var body = await answer.Content.ReadAsStringAsync(Stop);
        using var problem = JsonDocument.Parse(body);

        Assert.Equal(expected, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal((int)expected, problem.RootElement.GetProperty("status").GetInt32());
        Assert.Equal(detail, problem.RootElement.GetProperty("detail").GetString());
        Assert.DoesNotContain("127.0.0.1", body);
        Assert.DoesNotContain("Exception", body);
    }

    private Task<GatewayUnderTest> StartAsync(params (string, string)[] settings) => GatewayUnderTest.StartAsync(redis.ConnectionString, settings);
}
