using Microsoft.Extensions.Options;
using Npgsql;
using Sluice.Contracts;
using Sluice.Sources.Options;

namespace Sluice.ImportOrchestrator.Dispatch;

/// <summary>An item that is due, and the trace of its import where the item belongs into it.</summary>
/// <param name="IsDay">The item is a day of a backfill, and its id the date.</param>
internal readonly record struct DueItem(FetchItemDetail Message, string? TraceParent, bool IsOfFirstPage, bool IsDay);

/// <summary>Claims due work. A claim moves the work's due time ahead and is kept by committing, after the work has been published.</summary>
internal sealed class DispatchStore(NpgsqlDataSource database, IOptions<ImportOptions> options)
{
    private const int LargestBatch = 100;

    public async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken) => await database.OpenConnectionAsync(cancellationToken);

    public async Task<bool> IsAnyRunningAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select exists (select from imports where status = 'running')");
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Pages that are due: they are retried, or their message was lost.</summary>
    public async Task<List<DiscoverImport>> ClaimPagesAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("""
            update imports set next_discovery_at = now() + $1, page_dispatched = true
            where id in (
              select id from imports
              where status = 'running' and discovery_ended_at is null and next_discovery_at <= now()
              for no key update skip locked)
            returning id, coalesce((select max(number) from import_pages where import_id = id), 0)
            """, connection);
        command.Parameters.Add(new() { Value = options.Value.RepublishPageAfter });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<DiscoverImport> pages = [];
        while (await reader.ReadAsync(cancellationToken))
            pages.Add(new DiscoverImport(reader.GetGuid(0), reader.GetInt32(1)));
        return pages;
    }

    /// <summary>
    /// Puts down the wait that begins where all that is left of an import waits for its next attempt. It is foreseen to its end; a pause or
    /// the import's end cuts it short.
    /// </summary>
    public static async Task RecordRetryWaitsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("""
            insert into import_delays (import_id, cause, started_at, ended_at)
            select import.id, 'retry', now(), next.at
            from imports as import
            cross join lateral (select least(
              (select min(next_attempt_at) from imported_items where import_id = import.id and status = 'pending'),
              case when import.discovery_ended_at is null then import.next_discovery_at end) as at) as next
            where import.status = 'running' and next.at > now()
              and (import.discovery_ended_at is not null or not import.page_dispatched)
              and not exists (
                select from imported_items where import_id = import.id and status = 'pending' and dispatched and next_attempt_at > now())
              and not exists (
                select from import_delays where import_id = import.id and cause = 'retry' and ended_at > now())
            """, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Due items, as many as each import still has room for among its outstanding ones. Full: there may be more.</summary>
    public async Task<(List<DueItem> Items, bool IsFull)> ClaimItemsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("""
            with room as (
              select import.id, least($3, $2 - (
                select count(*) from imported_items
                where import_id = import.id and status = 'pending' and dispatched and next_attempt_at > now())) as items
              from imports as import
              where import.status = 'running'
            ), due as (
              select item.id
              from room cross join lateral (
                select id from imported_items
                where import_id = room.id and status = 'pending' and next_attempt_at <= now()
                order by next_attempt_at, id
                limit greatest(room.items, 0)
                for update skip locked
              ) as item
            )
            update imported_items as item set next_attempt_at = now() + $1, dispatched = true
            from due, imports as import
            where item.id = due.id and import.id = item.import_id
            returning item.import_id, item.external_id, item.failure_count, import.trace_parent, item.page_number = 1, import.from_date is not null
            """, connection);
        command.Parameters.Add(new() { Value = options.Value.RepublishAfter });
        command.Parameters.Add(new() { Value = options.Value.Outstanding });
        command.Parameters.Add(new() { Value = LargestBatch });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<DueItem> items = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            items.Add(new DueItem(
                new FetchItemDetail(reader.GetGuid(0), reader.GetString(1), reader.GetInt32(2)),
                reader.IsDBNull(3) ? null : reader.GetString(3), reader.GetBoolean(4), reader.GetBoolean(5)));
        }

        return (items, items.GroupBy(item => item.Message.ImportId).Any(import => import.Count() == LargestBatch));
    }
}
