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
        Redis = await redis;
        Postgres = await postgres;
        RabbitMq = await rabbitMq;
    }

    public async ValueTask DisposeAsync()
    {
        // After a start that failed not all of them are there.
        foreach (var server in (IAsyncDisposable?[])[Redis, Postgres, RabbitMq])
        {
            if (server is not null)
                await server.DisposeAsync();
        }
    }
}
