namespace Sluice.Contracts;

/// <summary>What POST /backfills takes: the days from <paramref name="From"/> to <paramref name="To"/>, both included.</summary>
public sealed record StartBackfill(string Source, DateOnly From, DateOnly To);

/// <summary>What POST /backfills answers; the progress is at <c>Location</c>.</summary>
public sealed record BackfillStarted(Guid Id, string Source, DateOnly From, DateOnly To, string Status);

/// <summary>A backfill as it stands. It is an import of days: its states are those of <see cref="ImportStatus"/>, and what both have means the same.</summary>
/// <param name="DaysCount">From <paramref name="From"/> to <paramref name="To"/>, both included.</param>
/// <param name="PagesCount">Pages read, each with its records in the database.</param>
/// <param name="RecordsCount">Records on these pages.</param>
/// <param name="NewRecordsCount">Those of them that no earlier backfill had brought.</param>
/// <param name="RecordsPerSecond">Records / (duration without the operator's pauses).</param>
/// <param name="Forecast">When it ends, as far as can be seen; null where it has ended.</param>
public sealed record BackfillSnapshot(
    Guid Id, string Source, DateOnly From, DateOnly To, string Status, string? FailureReason,
    DateTimeOffset StartedAt, DateTimeOffset? EndedAt, double DurationSeconds,
    long DaysCount, long ImportedCount, long FailedCount, long PendingCount,
    long PagesCount, long RecordsCount, long NewRecordsCount,
    long RateLimitHitsCount, long RateLimitSleepsCount, double TotalSleepSeconds, double ActiveSeconds, double Efficiency,
    long RequestsCount, double? TheoreticalSeconds, double? OptimumShare,
    DateTimeOffset? PausedAt, string? PauseCause, string? PauseReason, DateTimeOffset? ResumesAt,
    IReadOnlyList<ImportWait> Waits, double RecordsPerSecond, ImportForecast? Forecast);

/// <summary>One day of a backfill. Its states are those of <see cref="ItemStatus"/>; pages and records are what has been read of it so far.</summary>
public sealed record BackfillDay(
    DateOnly Date, string Status, int PagesCount, long RecordsCount,
    int FailureCount, string? FailureReason, DateTimeOffset? LastFailedAt, DateTimeOffset? NextAttemptAt);
