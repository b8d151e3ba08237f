using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using Sluice.Contracts.Traffic;
using Sluice.Testing;

[assembly: AssemblyFixture(typeof(PostgresFixture))]

namespace Sluice.Gateway.Tests;

/// <summary>What GET /metrics says of what the gateways decided.</summary>
public sealed class TrafficTests(PostgresFixture postgres) : GatewayTests
{
    [Fact]
    public async Task What_two_gateways_decided_is_counted_once_by_route_policy_and_client()
    {
        var database = await postgres.Server.CreateDatabaseAsync(cancellationToken: Stop);
        await using var one = await StartAsync(database, ("RateLimiting:Policies:search:Shadow", "true"), ("RateLimiting:Policies:search:Tiers:0:Permits", "1"));
        await using var other = await StartAsync(database);

        await one.StatusesAsync(12, _ => one.GetAsync("/api/data", "test-client"));
        await other.StatusesAsync(3, _ => other.GetAsync("/api/data", "test-client"));
        await one.StatusesAsync(13, _ => one.GetAsync("/api/data", "a-key-that-nobody-registered", forwardedFor: "203.0.113.7"));
        await one.StatusesAsync(3, _ => one.GetAsync("/api/search?q=x", "test-client"));
        await one.StatusesAsync(4, _ => one.GetAsync("/api/items/1", "test-client"));
        var traffic = await UntilAsync(other, 35, "?window=15m&series=true");

        Assert.Equal((27, 8, 2, 0, 0), (traffic.Allowed, traffic.Blocked, traffic.Shadow, traffic.FailedOpen, traffic.FailedClosed));
        Assert.Equal((8 / 35.0, 900, 0), (traffic.BlockRate, traffic.WindowSeconds, traffic.Dropped));
        Assert.Equal(
            [new("test-client", "data", 5, 15), new BlockedClient("ip:203.0.113.7", "data", 3, 13)],
            traffic.TopBlockedClients);

        Assert.Equal(["data", "items", "search"], traffic.Routes.Select(route => route.Route));
        Assert.All(traffic.Routes, route => Assert.InRange(route.Latency!.P99Ms, route.Latency.P50Ms, 60_000));
        var (data, items) = (traffic.Routes[0], traffic.Routes[1]);
        Assert.Equal(
            new("data", "data", "SlidingWindow", 28, 20, 8, 8 / 28.0, 0, 0, 0, 10, Math.Round(90 / 28.0, 2), data.Latency), data);
        Assert.Equal((4, 500, 497.5), (items.Allowed, items.AverageLimit, items.AverageRemaining));

        Assert.Equal(5, traffic.Series!.StepSeconds);
        Assert.All(traffic.Series.Points.Zip(traffic.Series.Points.Skip(1)), pair => Assert.Equal(TimeSpan.FromSeconds(5), pair.Second.At - pair.First.At));
        var complete = await UntilAsync(
            one, answer => answer.Series!.Points.Sum(point => point.Allowed + point.Blocked) == 35, "?window=5m&series=true", "the series has all");
        Assert.Equal(
            (1, 8L, 2L),
            (complete.Series!.StepSeconds, complete.Series.Points.Sum(point => point.Blocked), complete.Series.Points.Sum(point => point.Shadow)));
    }

    [Fact]
    public async Task What_was_decided_without_redis_is_counted_apart()
    {
        await using var gateway = await StartAsync(await postgres.Server.CreateDatabaseAsync(cancellationToken: Stop));
        await Redis.KillAsync();

        await gateway.StatusesAsync(3, _ => gateway.GetAsync("/api/data", "test-client"));
        await gateway.StatusesAsync(2, _ => gateway.SendAsync(HttpMethod.Post, "/api/upload", "test-client", body: new StringContent("x")));
        var traffic = await UntilAsync(gateway, 5);

        Assert.Equal((3, 2, 3, 2), (traffic.Allowed, traffic.Blocked, traffic.FailedOpen, traffic.FailedClosed));
        Assert.Equal(new BlockedClient("test-client", "upload", 2, 2), Assert.Single(traffic.TopBlockedClients));
        Assert.Null(traffic.Routes.Single(route => route.Route == "data").AverageLimit);
    }

    [Fact]
    public async Task Without_postgres_requests_are_served_and_what_cannot_wait_is_dropped_and_counted()
    {
        await using var server = await PostgresServer.StartAsync(Stop);
        var database = await server.CreateDatabaseAsync(cancellationToken: Stop);
        await using var gateway = await StartAsync(database, ("Traffic:Queue", "1"));
        await gateway.StatusesAsync(1, _ => gateway.GetAsync("/api/items/1", "test-client"));
        await UntilAsync(gateway, 1);
        await FlushAsync(database);
        await server.KillAsync();

        var sent = 1;
        using var log = new DroppedRequests();
        await Deadline.UntilAsync(
            async () =>
            {
                sent++;
                using var answer = await gateway.GetAsync("/api/items/1", "operator");
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                return log.Count > 0;
            },
            "decisions are dropped",
            cancellationToken: Stop);
        using var away = await gateway.GetAsync("/metrics?window=2h");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, away.StatusCode);
        Assert.Contains("Retry-After", away.Headers.Select(header => header.Key));

        await server.RestartAsync(Stop);
        var traffic = await UntilAsync(gateway, answer => answer.Pending == 0 && answer.Total + answer.Dropped == sent, "", "all is written or dropped");
        Assert.InRange(traffic.Dropped, 1, sent - 2);
    }

    [Theory]
    [InlineData("?window=x", "window")]
    [InlineData("?window=0m", "window")]
    [InlineData("?window=-5m", "window")]
    [InlineData("?window=15", "window")]
    [InlineData("?window=31d", "window")]
    [InlineData("?window=2147483647d", "window")]
    [InlineData("?window=1h&series=yes", "series")]
    public async Task A_bad_query_is_400_and_named(string query, string field)
    {
        await using var gateway = await StartAsync("Host=127.0.0.1;Port=9;Username=nobody");

        using var answer = await gateway.GetAsync($"/metrics{query}");
        var problem = JsonElement.Parse(await answer.Content.ReadAsStringAsync(Stop));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal([field], problem.GetProperty("errors").EnumerateObject().Select(error => error.Name));
    }

    [Fact]
    public async Task Traffic_that_is_not_kept_is_404()
    {
        await using var gateway = await StartAsync("Host=127.0.0.1;Port=9;Username=nobody", ("Traffic:Enabled", "false"));

        using var served = await gateway.GetAsync("/api/items/1");
        using var answer = await gateway.GetAsync("/metrics");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), (served.StatusCode, answer.StatusCode));
        Assert.Contains("Traffic:Enabled", await answer.Content.ReadAsStringAsync(Stop));
    }

    private static Task<TrafficSnapshot> UntilAsync(GatewayUnderTest gateway, long total, string query = "") =>
        UntilAsync(gateway, answer => answer.Total == total, query, $"{total} decisions are counted");

    private static async Task<TrafficSnapshot> UntilAsync(GatewayUnderTest gateway, Func<TrafficSnapshot, bool> condition, string query, string what)
    {
        TrafficSnapshot? traffic = null;
        try
        {
            await Deadline.UntilAsync(
                async () =>
                {
                    using var answer = await gateway.GetAsync($"/metrics{query}");
                    if (answer.StatusCode == HttpStatusCode.OK)
                        traffic = await answer.Content.ReadFromJsonAsync(TrafficJson.Default.TrafficSnapshot, Stop);
                    return traffic is not null && condition(traffic);
                },
                what,
                cancellationToken: Stop);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"Not so: {what}. Last: {traffic}");
        }

        return traffic!;
    }

    /// <summary>Figures are committed without a flush to disk: the last ones may go with the server.</summary>
    private static async Task FlushAsync(string database)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var flush = source.CreateCommand("checkpoint");
        await flush.ExecuteNonQueryAsync(Stop);
    }

    private Task<GatewayUnderTest> StartAsync(string database, params (string, string)[] settings) => StartAsync(
        [
            ("ConnectionStrings:traffic", database), ("Traffic:Enabled", "true"), ("Traffic:Interval", "00:00:00.100"),
            ("RateLimiting:Policies:data:Tiers:0:Window", "01:00:00"), .. settings,
        ]);
}
