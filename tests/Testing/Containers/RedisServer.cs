using Testcontainers.Redis;

namespace Sluice.Testing;

/// <summary>A Redis of the test's own.</summary>
public sealed class RedisServer : IAsyncDisposable
{
    private readonly RedisContainer container = new RedisBuilder("redis:7.4")
        .WithPortBinding(ContainerPort.Free(), 6379)
        .WithCommand("redis-server", "--save", "")
        .Build();

    private readonly RedisDatabases databases = new();

    private RedisServer()
    {
    }

    public string ConnectionString => container.GetConnectionString();

    public static async Task<RedisServer> StartAsync(CancellationToken cancellationToken = default)
    {
        var server = new RedisServer();
        await server.container.StartAsync(cancellationToken);
        return server;
    }

    /// <summary>A database of the test's own, empty; waits where all are held.</summary>
    public Task<RedisDatabase> LeaseDatabaseAsync(CancellationToken cancellationToken = default) => databases.LeaseAsync(ConnectionString, cancellationToken);

    /// <summary>Stops it: what it held is gone.</summary>
    public Task KillAsync() => container.StopAsync();

    /// <summary>Starts it again on the same port, empty.</summary>
    public Task RestartAsync(CancellationToken cancellationToken = default) => container.StartAsync(cancellationToken);

    public ValueTask DisposeAsync() => container.DisposeAsync();
}
