using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;
using Sluice.Testing;

namespace Sluice.ServiceDefaults.Tests;

public sealed class HealthTests(PostgresFixture postgres, RabbitMqFixture rabbitmq, RedisFixture redis)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_store_is_named_and_healthy()
    {
        await using var service = await StartAsync(redis.Server.ConnectionString);
        var (_, health) = await UntilAsync(service, static answer => answer.Status == HttpStatusCode.OK, "healthy");
        Assert.Equal("Healthy", (string?)health["status"]);
        Assert.Equal(["postgres", "rabbitmq", "redis", "self"], health["checks"]!.AsObject().Select(check => check.Key));
        Assert.All(health["checks"]!.AsObject(), check => Assert.Equal("Healthy", (string?)check.Value!["status"]));
    }

    [Fact]
    public async Task A_store_that_is_away_makes_the_service_unhealthy_but_leaves_it_alive()
    {
        await using var server = await RedisServer.StartAsync(Deadline.Token());
        await using var service = await StartAsync(server.ConnectionString);
        await server.KillAsync();

        var (status, health) = await UntilAsync(service, static answer => StatusOf(answer.Health, "postgres") == "Healthy", "the others are healthy");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "Unhealthy"), (status, StatusOf(health, "redis")));
        Assert.Equal(HttpStatusCode.OK, (await ReadAsync(service, "/alive")).Status);

        await server.RestartAsync(Cancellation);
        await UntilAsync(service, static answer => answer.Status == HttpStatusCode.OK, "healthy again");
    }

    [Fact]
    public async Task A_store_that_accepts_connections_and_never_answers_is_given_up()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var service = await StartAsync($"{silent.LocalEndpoint},connectTimeout=500");
        var (status, health) = await ReadAsync(service, "/health");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Equal("Unhealthy", StatusOf(health, "redis"));
    }

    private async Task<TestService> StartAsync(string redisConnection)
    {
        var builder = TestService.Builder(
            ("ConnectionStrings:redis", redisConnection),
            ("ConnectionStrings:postgres", postgres.Server.ConnectionString),
            ("ConnectionStrings:rabbitmq", rabbitmq.Server.ConnectionString));
        builder.AddRedisStore("redis");
        builder.AddPostgresStore("postgres");
        builder.AddRabbitMqHealthCheck("rabbitmq");
        return await TestService.StartAsync(builder);
    }

    private static string? StatusOf(JsonObject health, string store) => (string?)health["checks"]![store]!["status"];

    // A check that a busy machine keeps waiting counts as failed, that once.
    private static async Task<(HttpStatusCode Status, JsonObject Health)> UntilAsync(
        TestService service, Func<(HttpStatusCode Status, JsonObject Health), bool> condition, string what)
    {
        (HttpStatusCode, JsonObject) answer = default;
        await Deadline.UntilAsync(async () => condition(answer = await ReadAsync(service, "/health")), what, cancellationToken: Cancellation);
        return answer;
    }

    private static async Task<(HttpStatusCode Status, JsonObject Health)> ReadAsync(TestService service, string path)
    {
        using var response = await service.Client.GetAsync(path, Cancellation);
        return (response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!);
    }
}
