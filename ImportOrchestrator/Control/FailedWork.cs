using Npgsql;
using Sluice.Contracts;

namespace Sluice.ImportOrchestrator.Control;

/// <summary>What came of the wish to repeat what has failed.</summary>
internal enum FailedRetry
{
    Begun,
    NothingFailed,

    /// <summary>The items are gone.</summary>
    Cleared,

    /// <summary>Another import of the source has begun meanwhile.</summary>
    OtherIsOpen,

    /// <summary>The import was cancelled, or there is none.</summary>
    Forbidden,
}

/// <summary>Gives new attempts to what has failed of an import: to its items, and to the page at which its discovery ended.</summary>
internal sealed class FailedWork(NpgsqlDataSource database)
{
    // The time since its end was no time that the import took.
    private const string Reopen = """
        with ended as (
          select id, ended_at from imports where id = $1 and ended_at is not null
        ), idle as (
          insert into import_delays (import_id, cause, started_at, ended_at)
          select id, 'operator', ended_at, greatest(ended_at, clock_timestamp()) from ended
        ), cut as (
          update import_delays as delay set ended_at = greatest(delay.started_at, ended.ended_at)
          from ended where delay.import_id = ended.id and delay.ended_at > ended.ended_at
        )
        update imports set
          status = 'running',
          ended_at = null,
          failure_reason = null,
          discovery_failure_count = 0,
          discovery_refused_count = 0,
          next_discovery_at = now()
        from ended where imports.id = ended.id
        """;

    private const string Items = """
        update imported_items set
          status = 'pending',
          earlier_failure_count = earlier_failure_count + failure_count,
          failure_count = 0,
          refused_count = 0,
          next_attempt_at = now(),
          dispatched = false
        where import_id = $1 and status = 'failed'
        """;

    // What was in hand or not yet read when the list failed: whoever had its message has dropped it. One that is still to be read may lead to a
    // second request, and never to a second outcome.
    private const string Dropped = """
        update imported_items set next_attempt_at = now(), dispatched = false
        where import_id = $1 and status = 'pending' and dispatched
        """;

    /// <returns>And, where it has ended and another one of its source is open, that one.</returns>
    public async Task<(FailedRetry Retry, Guid? Other)> RetryAsync(Guid importId, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await HoldAsync(connection, importId, cancellationToken) is not { } import || import.Status == ImportStatus.Cancelled)
            return (FailedRetry.Forbidden, null);
        if (import.IsCleared)
            return (FailedRetry.Cleared, null);
        if (import.Other is { } other && import.HasEnded)
            return (FailedRetry.OtherIsOpen, other);

        var items = await ExecuteAsync(connection, Items, importId, cancellationToken);
        if (items == 0 && import.Status != ImportStatus.Failed)
            return (FailedRetry.NothingFailed, null);
        try
        {
            if (import.HasEnded)
                await ExecuteAsync(connection, Dropped, importId, cancellationToken);
            await ExecuteAsync(connection, Reopen, importId, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return (FailedRetry.Begun, null);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            // It began since we looked.
            await transaction.RollbackAsync(cancellationToken);
            return (FailedRetry.OtherIsOpen, (await HoldAsync(connection, importId, cancellationToken))?.Other);
        }
    }

    private static async Task<HeldImport?> HoldAsync(NpgsqlConnection connection, Guid importId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("""
            select status, ended_at is not null, items_cleared_at is not null,
              (select other.id from imports as other where other.source = imports.source and other.id <> imports.id and other.ended_at is null)
            from imports where id = $1
            for no key update
            """, connection);
        command.Parameters.Add(new() { Value = importId });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new HeldImport(reader.GetString(0), reader.GetBoolean(1), reader.GetBoolean(2), reader.IsDBNull(3) ? null : reader.GetGuid(3))
            : null;
    }

    private static async Task<int> ExecuteAsync(NpgsqlConnection connection, string sql, Guid importId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new() { Value = importId });
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private sealed record HeldImport(string Status, bool HasEnded, bool IsCleared, Guid? Other);
}
