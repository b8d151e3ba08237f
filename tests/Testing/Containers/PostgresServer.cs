using Npgsql;
using Testcontainers.PostgreSql;

namespace Sluice.Testing;

/// <summary>A PostgreSQL of the test's own.</summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private readonly PostgreSqlContainer container = new PostgreSqlBuilder("postgres:15")
        .WithPortBinding(ContainerPort.Free(), 5432)
        .Build();

    private PostgresServer()
    {
    }

    /// <summary>The server, without a database of the test's own.</summary>
    public string ConnectionString => container.GetConnectionString();

    public static async Task<PostgresServer> StartAsync(CancellationToken cancellationToken = default)
    {
        var server = new PostgresServer();
        await server.container.StartAsync(cancellationToken);
        return server;
    }

    /// <summary>Creates a database, with a name of its own unless one is given, and returns its connection string.</summary>
    public async Task<string> CreateDatabaseAsync(string? name = null, CancellationToken cancellationToken = default)
    {
        name ??= "test_" + Guid.NewGuid().ToString("n");
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var create = new NpgsqlCommand($"create database \"{name}\"", connection);
        await create.ExecuteNonQueryAsync(cancellationToken);
        return new NpgsqlConnectionStringBuilder(ConnectionString) { Database = name }.ConnectionString;
    }

    /// <summary>Stops the server and its sessions.</summary>
    public Task KillAsync() => container.StopAsync();

    /// <summary>Starts it again on the same port with the same data.</summary>
    public Task RestartAsync(CancellationToken cancellationToken = default) => container.StartAsync(cancellationToken);

    public ValueTask DisposeAsync() => container.DisposeAsync();
}
