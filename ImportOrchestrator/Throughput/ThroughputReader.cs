using Npgsql;
using Sluice.Contracts;
using Sluice.ImportOrchestrator.Api;
using Sluice.Sources.Options;

namespace Sluice.ImportOrchestrator.Throughput;

/// <summary>An import's requests over time, from its rows, beside what its limits allow.</summary>
internal sealed class ThroughputReader(NpgsqlDataSource database, ImportStore imports, SourceCatalog sources)
{
    /// <summary>Points of the curve, at the most.</summary>
    private const int Points = 240;

    public async Task<ImportThroughput?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        if (await imports.FindAsync(id, cancellationToken) is not { } row)
            return null;
        var seconds = Math.Max(row.DurationSeconds, 1);
        var requests = await RequestsAsync(id, seconds, cancellationToken);
        var most = row.EndedAt is null ? Math.Max(row.Requests, row.Total + row.Pages) : row.Requests;
        var limits = sources.Find(row.Source)?.PacedLimits ?? [];
        return new ImportThroughput(Math.Round(seconds, 3), requests, Staircase.Of(most, TimeSpan.FromSeconds(seconds), limits, Points));
    }

    private async Task<List<ThroughputPoint>> RequestsAsync(Guid id, double seconds, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            select ceil(greatest(extract(epoch from outcome.at - import.started_at), 0)::double precision / $2 * $3) as number, sum(outcome.requests)::bigint
            from imports as import
            cross join lateral (
              select imported_at as at, 1 as requests from imported_items where import_id = import.id and imported_at is not null
              union all
              select last_failed_at, failure_count + earlier_failure_count from imported_items where import_id = import.id and last_failed_at is not null
              union all
              select fetched_at, 1 from import_pages where import_id = import.id
              union all
              select fetched_at, 1 from backfill_pages where import_id = import.id and next_cursor is not null
              union all
              select at, 1 from import_hits where import_id = import.id
            ) as outcome
            where import.id = $1
            group by 1
            order by 1
            """);
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = seconds });
        command.Parameters.Add(new() { Value = (double)Points });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);

        // From one point to the next the curve would rise slowly where it stood still: each rise begins where the one before it ended.
        List<ThroughputPoint> points = [new(0, 0)];
        while (await reader.ReadAsync(cancellationToken))
        {
            var number = Math.Min(reader.GetDouble(0), Points);
            var begin = Math.Round(seconds * Math.Max(number - 1, 0) / Points, 3);
            if (begin > points[^1].Seconds)
                points.Add(points[^1] with { Seconds = begin });
            points.Add(new(Math.Round(seconds * number / Points, 3), points[^1].Requests + reader.GetInt64(1)));
        }

        if (points[^1].Seconds < seconds)
            points.Add(points[^1] with { Seconds = Math.Round(seconds, 3) });
        return points;
    }
}
