using Aspire.Hosting.Servers;

namespace Sluice.Testing;

/// <summary>A Redis of the test's own.</summary>
public sealed class RedisServer : IAsyncDisposable
{
    private readonly NativeServerOptions options = NativeHost.Options("redis");
    private readonly RedisDatabases databases = new();
    private RedisServerProcess process;

    private RedisServer() => process = new RedisServerProcess(NativeHost.Guard, options);

    public string ConnectionString => $"127.0.0.1:{options.Port},password={options.Password}";

    public static async Task<RedisServer> StartAsync(CancellationToken cancellationToken = default)
    {
        var server = new RedisServer();
        await server.process.StartAsync(cancellationToken);
        return server;
    }

    /// <summary>A database of the test's own, empty; waits where all are held.</summary>
    public Task<RedisDatabase> LeaseDatabaseAsync(CancellationToken cancellationToken = default) => databases.LeaseAsync(ConnectionString, cancellationToken);

    /// <summary>kill -9: what it held is gone.</summary>
    public Task KillAsync() => process.KillAsync();

    /// <summary>Starts it again on the same port, empty.</summary>
    public Task RestartAsync(CancellationToken cancellationToken = default)
    {
        process = new RedisServerProcess(NativeHost.Guard, options);
        return process.StartAsync(cancellationToken);
    }

    public ValueTask DisposeAsync() => process.DisposeAsync();
}
