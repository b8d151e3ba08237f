using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using Sluice.Sources.Options;
using Sluice.Sources.Reading;

namespace Sluice.DetailWorker.Backfills;

/// <summary>Where a day stands. A null cursor: at its beginning.</summary>
/// <param name="Loops">The last page leads back to one that was read before: the day would never end.</param>
internal sealed record DayCheckpoint(int PagesDone, string? Cursor, bool Loops)
{
    public bool IsComplete => PagesDone > 0 && Cursor is null;
}

/// <summary>A page as it is written.</summary>
internal sealed record FetchedPage(Guid BackfillId, string Source, DateOnly Date, int Number, string Cursor, DayPage Page);

/// <summary>The checkpoints of days, and the records they bring. While the database is away all of it waits.</summary>
internal sealed class DayStore(NpgsqlDataSource database, DatabaseWait wait, IOptions<ImportOptions> options)
{
    // Who ends the backfill waits for this transaction, and counts what it has written.
    private const string Hold = "select from imports where id = $1 and ended_at is null for share";

    // In the order of the keys: two who write the same ones don't wait for each other in a circle.
    private const string Write = """
        with stored as (
          insert into backfilled_records as record (source, date, key, payload, import_id)
          select $2, $3, listed.key, listed.payload, $1
          from unnest($4, $5) as listed (key, payload)
          where not exists (select from backfill_pages where import_id = $1 and date = $3 and number = $6)
          order by listed.key
          on conflict (source, date, key) do update set payload = excluded.payload, import_id = excluded.import_id, fetched_at = now()
          where record.payload <> excluded.payload
          returning xmax = 0 as is_new
        )
        insert into backfill_pages (import_id, date, number, cursor, next_cursor, records_listed, records_new, saved_by)
        select $1, $3, $6, $7, $8, $9, (select count(*) from stored where is_new), $10
        on conflict do nothing
        """;

    // The next page has all attempts before it, and time until it counts as lost.
    private const string Advance = """
        update imported_items set
          earlier_failure_count = earlier_failure_count + failure_count,
          failure_count = 0,
          refused_count = 0,
          next_attempt_at = greatest(next_attempt_at, now() + $3)
        where import_id = $1 and external_id = to_char($2, 'YYYY-MM-DD') and status = 'pending'
        """;

    private const string Own = "select exists (select from backfill_pages where import_id = $1 and date = $2 and number = $3 and saved_by = $4)";

    public Task<DayCheckpoint> FindAsync(Guid backfillId, DateOnly date, CancellationToken cancellationToken) => wait.OnceThereAsync(async () =>
    {
        await using var command = database.CreateCommand("""
            select page.number, page.next_cursor,
              exists (select from backfill_pages as before
                      where before.import_id = $1 and before.date = $2 and md5(before.cursor) = md5(page.next_cursor))
            from backfill_pages as page
            where page.import_id = $1 and page.date = $2
            order by page.number desc
            limit 1
            """);
        command.Parameters.Add(new() { Value = backfillId });
        command.Parameters.Add(new() { Value = date });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new DayCheckpoint(reader.GetInt32(0), reader.IsDBNull(1) ? null : reader.GetString(1), reader.GetBoolean(2))
            : new DayCheckpoint(0, null, false);
    });

    /// <summary>Writes the page's records and its checkpoint in one transaction.</summary>
    /// <returns>False where another has saved the page, or the backfill has ended.</returns>
    /// <exception cref="SourceException">What the source sent can't be stored.</exception>
    public async Task<bool> SaveAsync(FetchedPage page)
    {
        var savedBy = Guid.NewGuid();
        try
        {
            return await wait.OnceThereAsync(() => SaveAsync(page, savedBy));
        }
        catch (PostgresException exception) when (DatabaseWait.IsOfTheData(exception))
        {
            throw new SourceException(SourceFault.Permanent, $"What the source sent can't be stored: {exception.MessageText}", exception);
        }
    }

    private async Task<bool> SaveAsync(FetchedPage page, Guid savedBy)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        if (!await IsOpenAsync(connection, page.BackfillId))
            return false;
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new(Write)
        {
            Parameters =
            {
                new() { Value = page.BackfillId },
                new() { Value = page.Source },
                new() { Value = page.Date },
                new() { Value = page.Page.Records.Select(record => record.Key).ToArray() },
                new() { Value = page.Page.Records.Select(record => record.Payload).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb },
                new() { Value = page.Number },
                new() { Value = page.Cursor },
                new() { Value = (object?)page.Page.NextCursor ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
                new() { Value = page.Page.Records.Count },
                new() { Value = savedBy },
            },
        });
        batch.BatchCommands.Add(new(Advance)
        {
            Parameters = { new() { Value = page.BackfillId }, new() { Value = page.Date }, new() { Value = options.Value.RepublishAfter } },
        });
        await batch.ExecuteNonQueryAsync();
        var isOwn = await IsOwnAsync(connection, page, savedBy);
        if (isOwn)
            await transaction.CommitAsync();
        return isOwn;
    }

    private static async Task<bool> IsOpenAsync(NpgsqlConnection connection, Guid backfillId)
    {
        await using var command = new NpgsqlCommand(Hold, connection) { Parameters = { new() { Value = backfillId } } };
        await using var reader = await command.ExecuteReaderAsync();
        return await reader.ReadAsync();
    }

    private static async Task<bool> IsOwnAsync(NpgsqlConnection connection, FetchedPage page, Guid savedBy)
    {
        await using var command = new NpgsqlCommand(Own, connection)
        {
            Parameters =
            {
                new() { Value = page.BackfillId },
                new() { Value = page.Date },
                new() { Value = page.Number },
                new() { Value = savedBy },
            },
        };
        return (bool)(await command.ExecuteScalarAsync())!;
    }
}
