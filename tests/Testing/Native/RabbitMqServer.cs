using Aspire.Hosting.Servers;

namespace Sluice.Testing;

/// <summary>A RabbitMQ of the test's own.</summary>
public sealed class RabbitMqServer : IAsyncDisposable
{
    private readonly NativeServerOptions options = NativeHost.Options("rabbitmq");
    private RabbitMqServerProcess process;

    private RabbitMqServer() => process = new RabbitMqServerProcess(NativeHost.Guard, options);

    public string ConnectionString => process.ConnectionString;

    public static async Task<RabbitMqServer> StartAsync(CancellationToken cancellationToken = default)
    {
        var server = new RabbitMqServer();
        await server.process.StartAsync(cancellationToken);
        return server;
    }

    /// <summary>kill -9 of the node.</summary>
    public Task KillAsync() => process.KillAsync();

    /// <summary>Starts it again on the same port with the same data.</summary>
    public Task RestartAsync(CancellationToken cancellationToken = default)
    {
        process = new RabbitMqServerProcess(NativeHost.Guard, options);
        return process.StartAsync(cancellationToken);
    }

    public ValueTask DisposeAsync() => process.DisposeAsync();
}
