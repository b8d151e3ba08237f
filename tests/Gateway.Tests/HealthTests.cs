using System.Net;
using System.Text.Json;
using Sluice.Testing;

[assembly: AssemblyFixture(typeof(RabbitMqFixture))]

namespace Sluice.Gateway.Tests;

public sealed class HealthTests(RabbitMqFixture rabbitMq)
{
    [Fact]
    public async Task Redis_postgres_and_rabbitmq_are_each_named_and_the_one_that_is_away_makes_it_503()
    {
        await using var redis = await RedisServer.StartAsync(TestContext.Current.CancellationToken);
        await using var postgres = await PostgresServer.StartAsync(TestContext.Current.CancellationToken);
        await using var gateway = await GatewayUnderTest.StartAsync(
            redis.ConnectionString,
            [("ConnectionStrings:traffic", postgres.ConnectionString), ("ConnectionStrings:rabbitmq", rabbitMq.Server.ConnectionString)]);

        await UntilAsync(gateway, (HttpStatusCode.OK, "Healthy", "Healthy", "Healthy"));

        await redis.KillAsync();
        await UntilAsync(gateway, (HttpStatusCode.ServiceUnavailable, "Unhealthy", "Healthy", "Healthy"));
        await postgres.KillAsync();
        await UntilAsync(gateway, (HttpStatusCode.ServiceUnavailable, "Unhealthy", "Unhealthy", "Healthy"));

        using var alive = await gateway.GetAsync("/alive");
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
    }

    /// <summary>On a busy machine a check may take longer than it has.</summary>
    private static Task UntilAsync(GatewayUnderTest gateway, (HttpStatusCode Status, string Redis, string Postgres, string RabbitMq) expected) => Deadline.UntilAsync(
        async () => await HealthAsync(gateway) == expected, $"the health is {expected}", cancellationToken: TestContext.Current.CancellationToken);

    private static async Task<(HttpStatusCode Status, string Redis, string Postgres, string RabbitMq)> HealthAsync(GatewayUnderTest gateway)
    {
        using var answer = await gateway.GetAsync("/health");
        using var health = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return (answer.StatusCode, Status("redis"), Status("postgres"), Status("rabbitmq"));

        string Status(string name) => health.RootElement.GetProperty("checks").GetProperty(name).GetProperty("status").GetString()!;
    }
}
