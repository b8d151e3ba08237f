using Aspire.Hosting.Servers;
using Npgsql;

namespace Sluice.Testing;

/// <summary>A PostgreSQL of the test's own.</summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private readonly NativeServerOptions options = NativeHost.Options("postgres");
    private PostgresServerProcess process;

    private PostgresServer() => process = new PostgresServerProcess(NativeHost.Guard, options);

    /// <summary>The server, without a database.</summary>
    public string ConnectionString => process.ConnectionString;

    public static async Task<PostgresServer> StartAsync(CancellationToken cancellationToken = default)
    {
        var server = new PostgresServer();
        await server.process.StartAsync(cancellationToken);
        return server;
    }

    /// <summary>Creates a database, with a name of its own unless one is given, and returns its connection string.</summary>
    public async Task<string> CreateDatabaseAsync(string? name = null, CancellationToken cancellationToken = default)
    {
        name ??= "test_" + Guid.NewGuid().ToString("n");
        await process.CreateDatabaseAsync(name, cancellationToken);
        return new NpgsqlConnectionStringBuilder(ConnectionString) { Database = name }.ConnectionString;
    }

    /// <summary>kill -9 of the server and its sessions.</summary>
    public Task KillAsync() => process.KillAsync();

    /// <summary>Starts it again on the same port with the same data.</summary>
    public Task RestartAsync(CancellationToken cancellationToken = default)
    {
        process = new PostgresServerProcess(NativeHost.Guard, options);
        return process.StartAsync(cancellationToken);
    }

    public ValueTask DisposeAsync() => process.DisposeAsync();
}
