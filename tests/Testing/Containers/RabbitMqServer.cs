using Testcontainers.RabbitMq;

namespace Sluice.Testing;

/// <summary>A RabbitMQ of the test's own.</summary>
public sealed class RabbitMqServer : IAsyncDisposable
{
    private readonly RabbitMqContainer container = new RabbitMqBuilder("rabbitmq:4.1")
        .WithPortBinding(ContainerPort.Free(), 5672)
        .Build();

    private RabbitMqServer()
    {
    }

    public string ConnectionString => container.GetConnectionString();

    public static async Task<RabbitMqServer> StartAsync(CancellationToken cancellationToken = default)
    {
        var server = new RabbitMqServer();
        await server.container.StartAsync(cancellationToken);
        return server;
    }

    /// <summary>Stops the node.</summary>
    public Task KillAsync() => container.StopAsync();

    /// <summary>Starts it again on the same port with the same data.</summary>
    public Task RestartAsync(CancellationToken cancellationToken = default) => container.StartAsync(cancellationToken);

    public ValueTask DisposeAsync() => container.DisposeAsync();
}
