using System.Net.Sockets;
using Dapper;
using Microsoft.Extensions.Logging;
using Npgsql;
using Sluice.ServiceDefaults.Startup;

namespace Sluice.ServiceDefaults.Migrations;

/// <summary>Applies what a database lacks of a list of migrations, under an advisory lock that only one process per database holds.</summary>
internal sealed partial class Migrator(string connectionString, IReadOnlyList<Migration> migrations, TimeProvider time, ILogger<Migrator> logger)
{
    /// <summary>The ASCII of "Sluice": a number no one else locks by chance. Advisory locks are per database.</summary>
    private const long LockKey = 0x536C75696365;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <exception cref="StartupException">PostgreSQL stays away, the host is stopped meanwhile, an applied file was changed, or a file fails.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var connection = await ConnectAsync(cancellationToken);

        // Without a limit: another replica may be in the middle of a long migration. The lock ends with the session, however that ends.
        await connection.ExecuteAsync(new CommandDefinition(
            "select pg_advisory_lock(@LockKey)", new { LockKey }, commandTimeout: 0, cancellationToken: cancellationToken));
        await connection.ExecuteAsync(new CommandDefinition(
            """
            create table if not exists schema_migrations (
              name text primary key,
              sha256 text not null,
              applied_at timestamptz not null default now()
            )
            """,
            cancellationToken: cancellationToken));

        var rows = await connection.QueryAsync<(string Name, string Sha256)>(new CommandDefinition(
            "select name, sha256 from schema_migrations", cancellationToken: cancellationToken));
        var applied = rows.ToDictionary(row => row.Name, row => row.Sha256, StringComparer.Ordinal);
        RefuseChanged(applied);
        foreach (var migration in migrations.Where(migration => !applied.ContainsKey(migration.Name)))
            await ApplyAsync(connection, migration, cancellationToken);
    }

    private async Task<NpgsqlConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        // Not from a pool: closing it must end the session, and with it the lock.
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false };
        try
        {
            return await ConnectAsync(settings, cancellationToken);
        }
        catch (OperationCanceledException e)
        {
            throw new StartupException([$"stopped while it waited for PostgreSQL at {settings.Host}:{settings.Port}"], e);
        }
    }

    private async Task<NpgsqlConnection> ConnectAsync(NpgsqlConnectionStringBuilder settings, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var announced = false;
        while (true)
        {
            var connection = new NpgsqlConnection(settings.ConnectionString);
            try
            {
                await connection.OpenAsync(cancellationToken);
                return connection;
            }
            catch (NpgsqlException e)
            {
                await connection.DisposeAsync();
                if (!MayComeBack(e) || time.GetElapsedTime(started) > Patience)
                    throw new StartupException([$"PostgreSQL at {settings.Host}:{settings.Port}, database {settings.Database}: {e.Message}"], e);
                if (!announced)
                    LogWaiting(settings.Host, settings.Port, e.Message);
                announced = true;
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    /// <summary>Not there yet, starting up, or its database not yet created. A wrong password stays wrong.</summary>
    private static bool MayComeBack(NpgsqlException e) =>
        e.IsTransient
        || e.InnerException is SocketException or IOException or TimeoutException
        || e.SqlState is PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.InvalidCatalogName;

    private void RefuseChanged(Dictionary<string, string> applied)
    {
        var last = applied.Keys.Max(StringComparer.Ordinal);
        var faults = migrations
            .Where(migration => applied.TryGetValue(migration.Name, out var sha256) && sha256 != migration.Sha256)
            .Select(migration => $"{migration.Name} was changed after it had been applied: restore it and put the change into a new file")
            .Concat(migrations
                .Where(migration => !applied.ContainsKey(migration.Name) && string.CompareOrdinal(migration.Name, last) < 0)
                .Select(migration => $"{migration.Name} comes before {last}, which has been applied: give it a higher number"))
            .ToList();
        if (faults.Count > 0)
            throw new StartupException(faults);
    }

    private async Task ApplyAsync(NpgsqlConnection connection, Migration migration, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        try
        {
            await connection.ExecuteAsync(new CommandDefinition(migration.Sql, transaction: transaction, commandTimeout: 0, cancellationToken: cancellationToken));
        }
        catch (PostgresException e)
        {
            throw new StartupException([$"{migration.Name}: {e.MessageText}"], e);
        }

        await connection.ExecuteAsync(new CommandDefinition(
            "insert into schema_migrations (name, sha256) values (@Name, @Sha256)", migration, transaction, cancellationToken: cancellationToken));
        await transaction.CommitAsync(cancellationToken);
        LogApplied(migration.Name, connection.Database, time.GetElapsedTime(started).TotalMilliseconds);
    }

    [LoggerMessage(1, LogLevel.Information, "Migration {Name} applied to {Database} in {Milliseconds:F0} ms", EventName = "MigrationApplied")]
    private partial void LogApplied(string name, string database, double milliseconds);

    [LoggerMessage(2, LogLevel.Warning, "Waiting for PostgreSQL at {Host}:{Port}: {Reason}", EventName = "WaitingForPostgres")]
    private partial void LogWaiting(string? host, int port, string reason);
}
