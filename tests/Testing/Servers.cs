using Xunit;

namespace Sluice.Testing;

/// <summary>Redis, PostgreSQL and RabbitMQ for a whole test assembly. Each test has databases and a virtual host of its own.</summary>
public sealed class Servers : IAsyncLifetime
{
    public RedisServer Redis { get; private set; } = null!;

    public PostgresServer Postgres { get; private set; } = null!;

    public RabbitMqServer RabbitMq { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var cancellationToken = Deadline.Token();
        var redis = RedisServer.StartAsync(cancellationToken);
        var postgres = PostgresServer.StartAsync(cancellationToken);
        var rabbitMq = RabbitMqServer.StartAsync(managed: true, cancellationToken);
        (Redis, Postgres, RabbitMq) = (await redis, await postgres, await rabbitMq);
    }

    public async ValueTask DisposeAsync()
    {
        await Redis.DisposeAsync();
        await Postgres.DisposeAsync();
        await RabbitMq.DisposeAsync();
    }
}
