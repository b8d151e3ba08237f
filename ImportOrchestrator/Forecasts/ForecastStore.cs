using Npgsql;

namespace Sluice.ImportOrchestrator.Forecasts;

/// <summary>Reads what is left of an import, and of those that run beside it.</summary>
internal sealed class ForecastStore(NpgsqlDataSource database)
{
    private const string Items = """
        select failure_count, count(*),
          coalesce(max(next_attempt_at) filter (where not dispatched and next_attempt_at > now()) - now(), interval '0')
        from imported_items
        where import_id = $1 and status = 'pending'
        group by failure_count
        order by failure_count
        """;

    private const string Pages = """
        select discovery_ended_at is not null, expected_pages, coalesce(page.done, 0), page.items
        from imports
        cross join lateral (select max(number) as done, avg(items_new)::double precision as items from import_pages where import_id = id) as page
        where id = $1
        """;

    // Each pending day is an item, and so one request: here are the pages that come to that.
    private const string Days = """
        select count(*) filter (where status = 'pending'), avg(pages) filter (where status = 'imported')::double precision,
          coalesce(sum(pages) filter (where status = 'pending'), 0)::bigint
        from (
          select day.status, (
            select count(*) from backfill_pages as page
            where page.import_id = $1 and page.date = case when backfill.from_date is not null then day.external_id::date end) as pages
          from imports as backfill
          join imported_items as day on day.import_id = backfill.id
          where backfill.id = $1 and backfill.from_date is not null
        ) as days
        """;

    private const string Others = """
        select source, (select count(*) from imported_items where import_id = imports.id and status = 'pending')
        from imports
        where status = 'running' and id <> $1
        """;

    /// <param name="pageSize">Items to be expected of a page, before the first has come.</param>
    public async Task<(RemainingWork Work, IReadOnlyList<(string Source, long Requests)> Others)> ReadAsync(
        Guid importId, int pageSize, CancellationToken cancellationToken)
    {
        await using var batch = database.CreateBatch();
        foreach (var query in (string[])[Items, Pages, Days, Others])
            batch.BatchCommands.Add(new(query) { Parameters = { new() { Value = importId } } });
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);

        List<RemainingItems> items = [];
        while (await reader.ReadAsync(cancellationToken))
            items.Add(new RemainingItems(reader.GetInt32(0), reader.GetInt64(1), reader.GetFieldValue<TimeSpan>(2)));

        await reader.NextResultAsync(cancellationToken);
        var work = await reader.ReadAsync(cancellationToken) ? Work(reader, items, pageSize) : new RemainingWork(items, 0, 0, IsAtLeast: false);

        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        work = WithDays(work, reader);

        await reader.NextResultAsync(cancellationToken);
        List<(string, long)> others = [];
        while (await reader.ReadAsync(cancellationToken))
            others.Add((reader.GetString(0), reader.GetInt64(1)));
        return (work, others);
    }

    private static RemainingWork Work(NpgsqlDataReader row, List<RemainingItems> items, int pageSize)
    {
        if (row.GetBoolean(0))
            return new RemainingWork(items, 0, 0, IsAtLeast: false);
        int? expected = row.IsDBNull(1) ? null : row.GetInt32(1);
        var pages = Math.Max(1, (expected ?? 0) - row.GetInt32(2));
        var perPage = row.IsDBNull(3) ? pageSize : row.GetDouble(3);
        return new RemainingWork(items, pages, (long)Math.Round(pages * perPage), IsAtLeast: expected is null);
    }

    /// <summary>A day that is pending has as many pages as those that are done had, on average.</summary>
    private static RemainingWork WithDays(RemainingWork work, NpgsqlDataReader row)
    {
        var (pending, read) = (row.GetInt64(0), row.GetInt64(2));
        if (pending == 0)
            return work;
        var perDay = row.IsDBNull(1) ? 1 : row.GetDouble(1);
        return work with { Pages = Math.Max(0, (long)Math.Round(pending * (perDay - 1)) - read), IsAtLeast = row.IsDBNull(1) };
    }
}
