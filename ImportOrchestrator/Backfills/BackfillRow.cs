using Npgsql;
using Sluice.Contracts;
using Sluice.ImportOrchestrator.Api;

namespace Sluice.ImportOrchestrator.Backfills;

/// <summary>A backfill: the import that it is, its days, and what has been read of them.</summary>
internal sealed record BackfillRow(ImportRow Import, DateOnly From, DateOnly To, long Pages, long Records, long NewRecords)
{
    private const int OwnColumns = 5;

    /// <param name="where">Which ones, of <c>import</c>.</param>
    /// <param name="then">Order and number.</param>
    public static string Select(string where, string then = "") => $"""
        select backfill.*, days.from_date, days.to_date, pages.count, pages.records, pages.new
        from ({ImportRow.Select} where import.from_date is not null and {where}) as backfill
        join imports as days on days.id = backfill.id
        cross join lateral (
          select count(*) as count, coalesce(sum(records_listed), 0) as records, coalesce(sum(records_new), 0) as new
          from backfill_pages where import_id = backfill.id
        ) as pages
        {then}
        """;

    public static BackfillRow Read(NpgsqlDataReader row)
    {
        var own = row.FieldCount - OwnColumns;
        return new BackfillRow(
            ImportRow.Read(row), row.GetFieldValue<DateOnly>(own), row.GetFieldValue<DateOnly>(own + 1),
            row.GetInt64(own + 2), row.GetInt64(own + 3), row.GetInt64(own + 4));
    }

    /// <param name="import">The same as an import.</param>
    public BackfillSnapshot Snapshot(ImportSnapshot import)
    {
        var atWork = import.DurationSeconds - import.Waits.Where(wait => wait.Cause == "operator").Sum(wait => wait.Seconds);
        return new BackfillSnapshot(
            import.Id, import.Source, From, To, import.Status, import.FailureReason, import.StartedAt, import.EndedAt, import.DurationSeconds,
            import.TotalCount, import.ImportedCount, import.FailedCount, import.PendingCount, Pages, Records, NewRecords,
            import.RateLimitHitsCount, import.RateLimitSleepsCount, import.TotalSleepSeconds, import.ActiveSeconds, import.Efficiency,
            import.RequestsCount, import.TheoreticalSeconds, import.OptimumShare,
            import.PausedAt, import.PauseCause, import.PauseReason, import.ResumesAt, import.Waits,
            atWork > 0 ? Math.Round(Records / atWork, 3) : 0, import.Forecast);
    }
}
