using System.Data;
using Npgsql;
using Sluice.Contracts;

namespace Sluice.ImportOrchestrator.Api;

/// <summary>An import was created, or one of the same source is open already.</summary>
internal readonly record struct ImportStart(Guid Id, bool IsNew);

/// <summary>Starts imports and reads them, and their items.</summary>
internal sealed class ImportStore(NpgsqlDataSource database, TimeProvider time)
{
    /// <summary>Creates the import, and with <paramref name="fresh"/> clears what earlier ones of the source brought, in one transaction.</summary>
    public async Task<ImportStart> StartAsync(string source, bool fresh, string? traceParent, TimeSpan republishAfter, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        while (true)
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            var id = Guid.CreateVersion7(time.GetUtcNow());
            if (await InsertAsync(connection, id, source, fresh, traceParent, republishAfter, cancellationToken))
            {
                if (fresh)
                    await ClearEarlierAsync(connection, id, source, cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                return new ImportStart(id, IsNew: true);
            }

            // None where it has ended since: then there is room for this one.
            if (await OpenAsync(connection, source, cancellationToken) is { } running)
                return new ImportStart(running, IsNew: false);
        }
    }

    public async Task<ImportRow?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"{ImportRow.Select} where import.id = $1");
        command.Parameters.Add(new() { Value = id });
        return (await ReadAsync(command, ImportRow.Read, cancellationToken)).SingleOrDefault();
    }

    /// <summary>Newest first: ids of version 7 grow with time.</summary>
    public async Task<List<ImportRow>> ListAsync(ImportListing listing, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"""
            {ImportRow.Select}
            where import.id in (select id from imports where {ImportListing.Where} order by id desc offset $4 limit $5)
            order by import.id desc
            """);
        listing.AddTo(command.Parameters);
        command.Parameters.Add(new() { Value = listing.Offset ?? 0 });
        command.Parameters.Add(new() { Value = limit });
        return await ReadAsync(command, ImportRow.Read, cancellationToken);
    }

    public async Task<long> CountAsync(ImportListing listing, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"select count(*) from imports where {ImportListing.Where}");
        listing.AddTo(command.Parameters);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public async Task<long> CountItemsAsync(Guid importId, string? status, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select count(*) from imported_items where import_id = $1 and ($2 is null or status = $2)");
        command.Parameters.Add(new() { Value = importId });
        command.Parameters.Add(Nullable(NpgsqlTypes.NpgsqlDbType.Text, status));
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>In the order in which they were discovered, after the row <paramref name="after"/>, without the first <paramref name="offset"/> of them.</summary>
    public async Task<List<(long Row, ImportedItem Item)>> ItemsAsync(
        Guid importId, string? status, long after, long offset, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            select external_id, name, description, price, status, failure_count + earlier_failure_count, failure_reason, last_failed_at,
              case status when 'pending' then next_attempt_at end, id
            from imported_items
            where import_id = $1 and ($2 is null or status = $2) and id > $3
            order by id
            limit $4 offset $5
            """);
        command.Parameters.Add(new() { Value = importId });
        command.Parameters.Add(Nullable(NpgsqlTypes.NpgsqlDbType.Text, status));
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = limit });
        command.Parameters.Add(new() { Value = offset });
        return await ReadAsync(command, row => (row.GetInt64(9), new ImportedItem(
            row.GetString(0), row.OrNull<string>(1), row.OrNull<string>(2), row.OrNullValue<decimal>(3), row.GetString(4),
            row.GetInt32(5), row.OrNull<string>(6), row.OrNullValue<DateTimeOffset>(7), row.OrNullValue<DateTimeOffset>(8))), cancellationToken);
    }

    /// <returns>False where another of the source is open.</returns>
    internal static async Task<bool> InsertAsync(
        NpgsqlConnection connection, Guid id, string source, bool fresh, string? traceParent, TimeSpan republishAfter, CancellationToken cancellationToken)
    {
        await using var insert = new NpgsqlCommand("""
            insert into imports (id, source, fresh, trace_parent, next_discovery_at) values ($1, $2, $3, $4, now() + $5)
            on conflict (source) where ended_at is null do nothing
            """, connection);
        insert.Parameters.Add(new() { Value = id });
        insert.Parameters.Add(new() { Value = source });
        insert.Parameters.Add(new() { Value = fresh });
        insert.Parameters.Add(Nullable(NpgsqlTypes.NpgsqlDbType.Text, traceParent));
        insert.Parameters.Add(new() { Value = republishAfter });
        return await insert.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private static async Task ClearEarlierAsync(NpgsqlConnection connection, Guid id, string source, CancellationToken cancellationToken)
    {
        await using var clear = new NpgsqlCommand("""
            with earlier as (
              update imports set items_cleared_at = now() where source = $1 and id <> $2 and items_cleared_at is null returning id
            )
            delete from imported_items using earlier where import_id = earlier.id
            """, connection);
        clear.Parameters.Add(new() { Value = source });
        clear.Parameters.Add(new() { Value = id });
        await clear.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<Guid?> OpenAsync(NpgsqlConnection connection, string source, CancellationToken cancellationToken)
    {
        await using var select = new NpgsqlCommand("select id from imports where source = $1 and ended_at is null", connection);
        select.Parameters.Add(new() { Value = source });
        return (Guid?)await select.ExecuteScalarAsync(cancellationToken);
    }

    private static async Task<List<T>> ReadAsync<T>(NpgsqlCommand command, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<T> rows = [];
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(read(reader));
        return rows;
    }

    private static NpgsqlParameter Nullable<T>(NpgsqlTypes.NpgsqlDbType type, T? value) => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = type };
}
