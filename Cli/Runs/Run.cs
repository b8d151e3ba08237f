using Sluice.Contracts;

namespace Sluice.Cli.Runs;

/// <summary>An import or a backfill as it stands, in the words that both have.</summary>
/// <param name="What">The source, and the days of a backfill.</param>
/// <param name="IsAllKnown">Whether the list has been read to its end.</param>
/// <param name="PerSecond">Items, or records.</param>
internal sealed record Run(
    Guid Id, string What, string Status, string? FailureReason, DateTimeOffset StartedAt, DateTimeOffset? EndedAt, double DurationSeconds,
    long Total, bool IsAllKnown, long Imported, long Failed, long Pending, double PerSecond, string? Contents,
    long Hits, double SleepSeconds, double Efficiency, double? TheoreticalSeconds, double? OptimumShare,
    string? PauseCause, string? PauseReason, DateTimeOffset? ResumesAt, IReadOnlyList<ImportWait> Waits, ImportForecast? Forecast)
{
    /// <summary>All that is known of is imported.</summary>
    public bool IsSuccess => Status == ImportStatus.Completed && Failed == 0;

    public double Share => Total == 0 ? (EndedAt is null ? 0 : 1) : (double)(Imported + Failed) / Total;

    public static Run Of(ImportSnapshot import) => new(
        import.Id, import.Source, import.Status, import.FailureReason, import.StartedAt, import.EndedAt, import.DurationSeconds,
        import.TotalCount, import.DiscoveryEnded, import.ImportedCount, import.FailedCount, import.PendingCount, import.ItemsPerSecond,
        import.ItemsCleared ? "cleared: a later import began afresh" : null,
        import.RateLimitHitsCount, import.TotalSleepSeconds, import.Efficiency, import.TheoreticalSeconds, import.OptimumShare,
        import.PauseCause, import.PauseReason, import.ResumesAt, import.Waits, import.Forecast);

    public static Run Of(BackfillSnapshot backfill) => new(
        backfill.Id, $"{backfill.Source}, {backfill.From:yyyy-MM-dd} to {backfill.To:yyyy-MM-dd}", backfill.Status, backfill.FailureReason,
        backfill.StartedAt, backfill.EndedAt, backfill.DurationSeconds,
        backfill.DaysCount, true, backfill.ImportedCount, backfill.FailedCount, backfill.PendingCount, backfill.RecordsPerSecond,
        FormattableString.Invariant($"{backfill.RecordsCount:N0} records on {backfill.PagesCount:N0} pages, {backfill.NewRecordsCount:N0} of them new"),
        backfill.RateLimitHitsCount, backfill.TotalSleepSeconds, backfill.Efficiency, backfill.TheoreticalSeconds, backfill.OptimumShare,
        backfill.PauseCause, backfill.PauseReason, backfill.ResumesAt, backfill.Waits, backfill.Forecast);
}
