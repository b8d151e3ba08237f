using Sluice.OrderTests.World;
using Sluice.Testing;

[assembly: AssemblyFixture(typeof(Servers))]

// All systems share one queue: messages of one test would reach the workers of another.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Sluice.OrderTests.World;

/// <summary>The servers of this test assembly. Each test has a database of its own.</summary>
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
        var rabbitMq = RabbitMqServer.StartAsync(cancellationToken);
        (Redis, Postgres, RabbitMq) = (await redis, await postgres, await rabbitMq);
    }

    public async ValueTask DisposeAsync()
    {
        await Redis.DisposeAsync();
        await Postgres.DisposeAsync();
        await RabbitMq.DisposeAsync();
    }
}
