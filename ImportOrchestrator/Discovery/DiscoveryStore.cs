using Microsoft.Extensions.Options;
using Npgsql;
using Sluice.Sources.Options;
using Sluice.Sources.Reading;

namespace Sluice.ImportOrchestrator.Discovery;

/// <summary>Where discovery of an import stands. A null cursor: at the beginning.</summary>
/// <param name="IsPaused">The import is paused: the page is not to be read now.</param>
/// <param name="Loops">The list leads back to a page that was read before, or repeats itself: it would never end.</param>
internal sealed record Checkpoint(string Source, int PagesDone, string? Cursor, int FailureCount, int RefusedCount, bool IsPaused, bool Loops);

/// <summary>The checkpoint of discovery, and the rows it brings.</summary>
internal sealed class DiscoveryStore(NpgsqlDataSource database, IOptions<ImportOptions> options)
{
    /// <summary>Pages in a row that listed items but none that was new: the list repeats itself.</summary>
    private const int PagesWithoutNewItems = 3;

    /// <summary>Null: the import has ended, or its discovery has.</summary>
    public async Task<Checkpoint?> FindAsync(Guid importId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            select source, coalesce(page.number, 0), page.next_cursor, discovery_failure_count, discovery_refused_count, status = 'paused',
              exists (select from import_pages where import_id = imports.id and md5(cursor) = md5(page.next_cursor))
              or (select count(*) = $2 and bool_and(items_listed > 0 and items_new = 0)
                  from (select * from import_pages where import_id = imports.id order by number desc limit $2) as latest)
            from imports
            left join lateral (select number, next_cursor from import_pages where import_id = imports.id order by number desc limit 1) as page on true
            where id = $1 and ended_at is null and discovery_ended_at is null
            """);
        command.Parameters.Add(new() { Value = importId });
        command.Parameters.Add(new() { Value = PagesWithoutNewItems });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new Checkpoint(
                reader.GetString(0), reader.GetInt32(1), reader.IsDBNull(2) ? null : reader.GetString(2),
                reader.GetInt32(3), reader.GetInt32(4), reader.GetBoolean(5), reader.GetBoolean(6))
            : null;
    }

    /// <summary>Inserts the page's items and its checkpoint in one transaction.</summary>
    /// <returns>False where another has saved the page, or the import has ended.</returns>
    public async Task<bool> SaveAsync(Guid importId, int number, string cursor, ListPage page, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!await SaveAsync(connection, importId, number, cursor, page, cancellationToken))
            return false;
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>The same in the connection's transaction.</summary>
    /// <returns>False: it is to be rolled back.</returns>
    public async Task<bool> SaveAsync(NpgsqlConnection connection, Guid importId, int number, string cursor, ListPage page, CancellationToken cancellationToken)
    {
        if (!await AdvanceAsync(connection, importId, page, cancellationToken))
            return false;
        var newItems = await InsertItemsAsync(connection, importId, number, page.Items, cancellationToken);
        return await InsertPageAsync(connection, importId, number, cursor, page, newItems, cancellationToken);
    }

    /// <summary>Puts down an attempt at a page that didn't succeed, and when to try again.</summary>
    public async Task PostponeAsync(Guid importId, TimeSpan delay, bool isFailure, bool isRefusal, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            update imports set
              discovery_failure_count = discovery_failure_count + $2::int,
              discovery_refused_count = discovery_refused_count + $3::int,
              next_discovery_at = now() + $4,
              page_dispatched = false
            where id = $1 and ended_at is null and discovery_ended_at is null
            """);
        command.Parameters.Add(new() { Value = importId });
        command.Parameters.Add(new() { Value = isFailure });
        command.Parameters.Add(new() { Value = isRefusal });
        command.Parameters.Add(new() { Value = delay });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<bool> AdvanceAsync(NpgsqlConnection connection, Guid importId, ListPage page, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("""
            update imports set
              discovery_ended_at = case when $2 then now() end,
              discovery_failure_count = 0,
              discovery_refused_count = 0,
              expected_pages = coalesce($4, expected_pages),
              next_discovery_at = now() + $3,
              page_dispatched = true
            where id = $1 and ended_at is null and discovery_ended_at is null
            """, connection);
        command.Parameters.Add(new() { Value = importId });
        command.Parameters.Add(new() { Value = page.NextCursor is null });
        command.Parameters.Add(new() { Value = options.Value.RepublishPageAfter });
        command.Parameters.Add(new() { Value = (object?)page.TotalPages ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Integer });
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private static async Task<int> InsertItemsAsync(
        NpgsqlConnection connection, Guid importId, int pageNumber, IReadOnlyList<ListedItem> items, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("""
            insert into imported_items (import_id, page_number, external_id, name)
            select $1, $2, external_id, name from unnest($3, $4) as listed (external_id, name)
            on conflict (import_id, external_id) do nothing
            """, connection);
        command.Parameters.Add(new() { Value = importId });
        command.Parameters.Add(new() { Value = pageNumber });
        command.Parameters.Add(new() { Value = items.Select(item => item.ExternalId).ToArray() });
        command.Parameters.Add(new() { Value = items.Select(item => item.Name).ToArray() });
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<bool> InsertPageAsync(
        NpgsqlConnection connection, Guid importId, int number, string cursor, ListPage page, int newItems, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("""
            insert into import_pages (import_id, number, cursor, next_cursor, items_listed, items_new) values ($1, $2, $3, $4, $5, $6)
            on conflict do nothing
            """, connection);
        command.Parameters.Add(new() { Value = importId });
        command.Parameters.Add(new() { Value = number });
        command.Parameters.Add(new() { Value = cursor });
        command.Parameters.Add(new() { Value = (object?)page.NextCursor ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = page.Items.Count });
        command.Parameters.Add(new() { Value = newItems });
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }
}
