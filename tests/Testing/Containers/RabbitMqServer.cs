using Testcontainers.RabbitMq;

namespace Sluice.Testing;

/// <summary>A RabbitMQ of the test's own.</summary>
public sealed class RabbitMqServer : IAsyncDisposable
{
    private readonly int managementPort = ContainerPort.Free();
    private readonly RabbitMqContainer container;

    private RabbitMqServer(bool managed) => container = new RabbitMqBuilder(managed ? "rabbitmq:4.1-management" : "rabbitmq:4.1")
        .WithPortBinding(ContainerPort.Free(), 5672)
        .WithPortBinding(managementPort, 15672)
        .Build();

    public string ConnectionString => container.GetConnectionString();

    public static Task<RabbitMqServer> StartAsync(CancellationToken cancellationToken = default) => StartAsync(managed: false, cancellationToken);

    /// <param name="managed">With the management API, without which it creates no virtual host.</param>
    public static async Task<RabbitMqServer> StartAsync(bool managed, CancellationToken cancellationToken = default)
    {
        var server = new RabbitMqServer(managed);
        await server.container.StartAsync(cancellationToken);
        return server;
    }

    /// <summary>Creates a virtual host, with a name of its own, and returns its connection string.</summary>
    public Task<string> CreateVirtualHostAsync(CancellationToken cancellationToken = default) =>
        VirtualHosts.CreateAsync(ConnectionString, managementPort, cancellationToken);

    /// <summary>Stops the node.</summary>
    public Task KillAsync() => container.StopAsync();

    /// <summary>Starts it again on the same port with the same data.</summary>
    public Task RestartAsync(CancellationToken cancellationToken = default) => container.StartAsync(cancellationToken);

    public ValueTask DisposeAsync() => container.DisposeAsync();
}
