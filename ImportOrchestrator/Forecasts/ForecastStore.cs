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
        foreach (var query in (string[])[Items, Pages, Others])
            batch.BatchCommands.Add(new(query) { Parameters = { new() { Value = importId } } });
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);

        List<RemainingItems> items = [];
        while (await reader.ReadAsync(cancellationToken))
            items.Add(new RemainingItems(reader.GetInt32(0), reader.GetInt64(1), reader.GetFieldValue<TimeSpan>(2)));

        await reader.NextResultAsync(cancellationToken);
        var work = await reader.ReadAsync(cancellationToken) ? Work(reader, items, pageSize) : new RemainingWork(items, 0, 0, IsAtLeast: false);

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
}
