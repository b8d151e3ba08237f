using Aspire.Hosting.Servers;

namespace Sluice.Testing;

/// <summary>A RabbitMQ of the test's own.</summary>
public sealed class RabbitMqServer : IAsyncDisposable
{
    private readonly NativeServerOptions options = NativeHost.Options("rabbitmq");
    private readonly int? managementPort;
    private RabbitMqServerProcess process;

    private RabbitMqServer(int? managementPort)
    {
        this.managementPort = managementPort;
        process = new RabbitMqServerProcess(NativeHost.Guard, options, managementPort);
    }

    public string ConnectionString => process.ConnectionString;

    public static Task<RabbitMqServer> StartAsync(CancellationToken cancellationToken = default) => StartAsync(managed: false, cancellationToken);

    /// <param name="managed">With the management API, without which it creates no virtual host.</param>
    public static async Task<RabbitMqServer> StartAsync(bool managed, CancellationToken cancellationToken = default)
    {
        var server = new RabbitMqServer(managed ? FreePorts.Next() : null);
        await server.process.StartAsync(cancellationToken);
        return server;
    }

    /// <summary>Creates a virtual host, with a name of its own, and returns its connection string.</summary>
    public Task<string> CreateVirtualHostAsync(CancellationToken cancellationToken = default) => VirtualHosts.CreateAsync(
        ConnectionString, managementPort ?? throw new InvalidOperationException("The server was started without its management API."), cancellationToken);

    /// <summary>kill -9 of the node.</summary>
    public Task KillAsync() => process.KillAsync();

    /// <summary>Starts it again on the same port with the same data.</summary>
    public Task RestartAsync(CancellationToken cancellationToken = default)
    {
        process = new RabbitMqServerProcess(NativeHost.Guard, options, managementPort);
        return process.StartAsync(cancellationToken);
    }

    public ValueTask DisposeAsync() => process.DisposeAsync();
}
