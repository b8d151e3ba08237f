using Npgsql;
using Sluice.Contracts;
using Sluice.Sources.Options;

namespace Sluice.ImportOrchestrator.Api;

/// <summary>An import with its counts: from its rows while it runs, as they were at its end afterwards.</summary>
internal sealed record ImportRow(
    Guid Id, string Source, string Status, bool Fresh, string? FailureReason,
    DateTimeOffset StartedAt, DateTimeOffset? EndedAt, double DurationSeconds, bool DiscoveryEnded, bool ItemsCleared, int Pages,
    long Total, long Imported, long Failed, long Requests, long Hits, long Sleeps, double SleepSeconds, double IdleSeconds,
    DateTimeOffset? PausedAt, string? PauseCause, string? PauseReason, DateTimeOffset? ResumesAt, IReadOnlyList<ImportWait> Waits)
{
    // Waits are reported up to a second late, so hits and sleeps are read from their rows always: they are few.
    public const string Select = """
        select
          import.id, import.source, import.status, import.fresh, import.failure_reason, import.started_at, import.ended_at,
          extract(epoch from coalesce(import.ended_at, clock_timestamp()) - import.started_at)::double precision,
          import.discovery_ended_at is not null, import.items_cleared_at is not null, page.count::int,
          items.total, items.imported, items.failed, items.requests, hits.count, sleep.sleeps, sleep.seconds, count_idle(import.id),
          import.paused_at, import.pause_cause, import.pause_reason, import.resumes_at, waits.causes, waits.counts, waits.seconds
        from imports as import
        cross join lateral (
          select total_count as total, items_count as imported, failed_count as failed, requests_count as requests where import.ended_at is not null
          union all
          select counted.total, counted.imported, counted.failed, counted.requests from count_items(import.id) as counted where import.ended_at is null
        ) as items
        cross join lateral (
          select coalesce(max(number), 0) + (select count(*) from backfill_pages where import_id = import.id and next_cursor is not null) as count
          from import_pages where import_id = import.id
        ) as page
        cross join lateral (select count(*) from import_hits where import_id = import.id) as hits
        cross join lateral count_sleeps(import.id) as sleep
        cross join lateral (
          select array_agg(cause order by cause) as causes, array_agg(count order by cause) as counts, array_agg(seconds order by cause) as seconds
          from count_waits(import.id)
        ) as waits
        """;

    public static ImportRow Read(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetString(1), row.GetString(2), row.GetBoolean(3), row.OrNull<string>(4),
        row.GetFieldValue<DateTimeOffset>(5), row.OrNullValue<DateTimeOffset>(6), row.GetDouble(7), row.GetBoolean(8), row.GetBoolean(9), row.GetInt32(10),
        row.GetInt64(11), row.GetInt64(12), row.GetInt64(13), row.GetInt64(14), row.GetInt64(15), row.GetInt64(16), row.GetDouble(17),
        row.GetDouble(18), row.OrNullValue<DateTimeOffset>(19), row.OrNull<string>(20), row.OrNull<string>(21), row.OrNullValue<DateTimeOffset>(22),
        ReadWaits(row, 23));

    /// <param name="source">The import's source, null where it is no longer configured: then there are no limits to compare with.</param>
    /// <param name="forecast">Null where it has ended.</param>
    public ImportSnapshot Snapshot(Source? source, ImportForecast? forecast)
    {
        var atWork = DurationSeconds - Waits.Where(wait => wait.Cause == "operator").Sum(wait => wait.Seconds);
        var optimum = source is null ? (TimeSpan?)null : TheoreticalTime.Of(Requests, source.PacedLimits);
        return new ImportSnapshot(
            Id, Source, Status, Fresh, FailureReason, StartedAt, EndedAt, Seconds(DurationSeconds),
            Total, Imported, Failed, Total - Imported - Failed, Imported, Pages, DiscoveryEnded, ItemsCleared,
            Hits, Sleeps, Seconds(SleepSeconds), Seconds(Math.Max(0, DurationSeconds - IdleSeconds)),
            Hits + Sleeps == 0 ? 1 : (double)Sleeps / (Hits + Sleeps),
            Requests, optimum?.TotalSeconds, optimum is { Ticks: > 0 } least && atWork > 0 ? Math.Round(least.TotalSeconds / atWork, 4) : null,
            PausedAt, PauseCause, PauseReason, ResumesAt, [.. Waits.Select(wait => wait with { Seconds = Seconds(wait.Seconds) })],
            atWork > 0 ? Math.Round(Imported / atWork, 3) : 0, forecast);
    }

    private static ImportWait[] ReadWaits(NpgsqlDataReader row, int column) => row.IsDBNull(column)
        ? []
        : [.. row.GetFieldValue<string[]>(column).Zip(row.GetFieldValue<long[]>(column + 1), row.GetFieldValue<double[]>(column + 2))
            .Select(wait => new ImportWait(wait.First, wait.Second, wait.Third))];

    private static double Seconds(double seconds) => Math.Round(seconds, 3);
}

internal static class RowReading
{
    public static T? OrNull<T>(this NpgsqlDataReader row, int column) where T : class => row.IsDBNull(column) ? null : row.GetFieldValue<T>(column);

    public static T? OrNullValue<T>(this NpgsqlDataReader row, int column) where T : struct => row.IsDBNull(column) ? null : row.GetFieldValue<T>(column);
}
