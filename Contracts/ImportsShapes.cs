using System.Text.Json.Serialization;

namespace Sluice.Contracts;

/// <summary>The states of an import: it is open while it runs or is paused, and has ended with the others.</summary>
public static class ImportStatus
{
    public const string Running = "running";
    public const string Paused = "paused";
    public const string Completed = "completed";
    public const string Failed = "failed";
    public const string Cancelled = "cancelled";

    public static IReadOnlyList<string> All { get; } = [Running, Paused, Completed, Failed, Cancelled];
}

/// <summary>The states of an imported item.</summary>
public static class ItemStatus
{
    public const string Pending = "pending";
    public const string Imported = "imported";
    public const string Failed = "failed";

    public static IReadOnlyList<string> All { get; } = [Pending, Imported, Failed];
}

/// <summary>What POST /imports takes. With <paramref name="Fresh"/>, the items that earlier imports of the source brought are cleared.</summary>
public sealed record StartImport(string Source, bool Fresh = false);

/// <summary>What POST /imports answers; the progress is at <c>Location</c>.</summary>
public sealed record ImportStarted(Guid Id, string Source, string Status);

/// <summary>An import as it stands. Counts are counted from rows; seconds are those of the database's clock.</summary>
/// <param name="DurationSeconds">From the start to the end, or to now while it runs.</param>
/// <param name="ItemsCount">Items imported so far: the same as <paramref name="ImportedCount"/>.</param>
/// <param name="RateLimitHitsCount">Answers with 429.</param>
/// <param name="RateLimitSleepsCount">Times that somebody waited for the limits; waits that overlap count once.</param>
/// <param name="TotalSleepSeconds">How long somebody waited for the limits; waits that overlap count once.</param>
/// <param name="ActiveSeconds">Duration without any of the <paramref name="Waits"/>.</param>
/// <param name="Efficiency">sleeps / (hits + sleeps); 1 when there was neither.</param>
/// <param name="RequestsCount">Requests whose outcome is on record.</param>
/// <param name="TheoreticalSeconds">The least time that the source's limits allow for that many requests.</param>
/// <param name="OptimumShare">Theoretical seconds / (duration without the operator's pauses); null where the limits ask for no wait.</param>
/// <param name="PauseCause"><c>operator</c>, or <c>quota</c>: that one ends by itself at <paramref name="ResumesAt"/>.</param>
/// <param name="Waits">What was waited for, by cause.</param>
/// <param name="ItemsPerSecond">Items imported / (duration without the operator's pauses).</param>
/// <param name="Forecast">When it ends, as far as can be seen; null where it has ended.</param>
public sealed record ImportSnapshot(
    Guid Id, string Source, string Status, bool Fresh, string? FailureReason,
    DateTimeOffset StartedAt, DateTimeOffset? EndedAt, double DurationSeconds,
    long TotalCount, long ImportedCount, long FailedCount, long PendingCount, long ItemsCount,
    int PagesDiscovered, bool DiscoveryEnded, bool ItemsCleared,
    long RateLimitHitsCount, long RateLimitSleepsCount, double TotalSleepSeconds, double ActiveSeconds, double Efficiency,
    long RequestsCount, double? TheoreticalSeconds, double? OptimumShare,
    DateTimeOffset? PausedAt, string? PauseCause, string? PauseReason, DateTimeOffset? ResumesAt,
    IReadOnlyList<ImportWait> Waits, double ItemsPerSecond, ImportForecast? Forecast);

/// <summary>Waits of an import for one cause; those that overlap count once.</summary>
/// <param name="Cause">
/// <c>ledger</c> (the limits' permits are used up), <c>pause</c> (the source refused and is left alone), <c>lost</c>, <c>store</c> (the ledger was lost, or
/// is away), <c>quota</c>, <c>breaker</c>, <c>retry</c> (all that is left waits for its next attempt), <c>operator</c> (it was paused).
/// </param>
public sealed record ImportWait(string Cause, long Count, double Seconds);

/// <summary>When an import ends if nothing changes.</summary>
/// <param name="EndsAt">By the service's clock; null where nobody can know, as while an operator has it paused.</param>
/// <param name="RemainingSeconds">From now; null with <paramref name="EndsAt"/>.</param>
/// <param name="RemainingRequests">Those still to be sent, expected retries and known pages included.</param>
/// <param name="IsAtLeast">The list has not been read to its end and doesn't say how long it is: there is more to come.</param>
/// <param name="Constraint">
/// What the end waits for: <c>limit</c>, <c>quota</c>, <c>retry</c>, <c>concurrency</c>, <c>pause</c>, or <c>none</c>.
/// </param>
/// <param name="Reason">The same in words, with its numbers: "2000 per 100 s".</param>
public sealed record ImportForecast(
    DateTimeOffset? EndsAt, double? RemainingSeconds, long RemainingRequests, bool IsAtLeast, string Constraint, string Reason);

/// <summary>One item of an import.</summary>
public sealed record ImportedItem(
    string ExternalId, string? Name, string? Description, decimal? Price, string Status,
    int FailureCount, string? FailureReason, DateTimeOffset? LastFailedAt, DateTimeOffset? NextAttemptAt);

/// <summary>A page of <typeparamref name="T"/>; hand <paramref name="NextCursor"/> back for the next one, null at the end.</summary>
/// <param name="Total">How many there are on all pages; only where the page was asked for by its offset.</param>
public sealed record CursorPage<T>(
    IReadOnlyList<T> Data, string? NextCursor, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Total = null);
