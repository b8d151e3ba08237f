namespace Sluice.Contracts;

/// <summary>The states of an import. Only a running one changes.</summary>
public static class ImportStatus
{
    public const string Running = "running";
    public const string Completed = "completed";
    public const string Failed = "failed";
    public const string Cancelled = "cancelled";
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
/// <param name="ActiveSeconds">Duration without sleep.</param>
/// <param name="Efficiency">sleeps / (hits + sleeps); 1 when there was neither.</param>
/// <param name="RequestsCount">Requests whose outcome is on record.</param>
/// <param name="TheoreticalSeconds">The least time that the source's limits allow for that many requests.</param>
/// <param name="OptimumShare">Theoretical seconds / duration; null where the limits ask for no wait.</param>
public sealed record ImportSnapshot(
    Guid Id, string Source, string Status, bool Fresh, string? FailureReason,
    DateTimeOffset StartedAt, DateTimeOffset? EndedAt, double DurationSeconds,
    long TotalCount, long ImportedCount, long FailedCount, long PendingCount, long ItemsCount,
    int PagesDiscovered, bool DiscoveryEnded, bool ItemsCleared,
    long RateLimitHitsCount, long RateLimitSleepsCount, double TotalSleepSeconds, double ActiveSeconds, double Efficiency,
    long RequestsCount, double? TheoreticalSeconds, double? OptimumShare);

/// <summary>One item of an import.</summary>
public sealed record ImportedItem(
    string ExternalId, string? Name, string? Description, decimal? Price, string Status,
    int FailureCount, string? FailureReason, DateTimeOffset? LastFailedAt, DateTimeOffset? NextAttemptAt);

/// <summary>A page of <typeparamref name="T"/>; hand <paramref name="NextCursor"/> back for the next one, null at the end.</summary>
public sealed record CursorPage<T>(IReadOnlyList<T> Data, string? NextCursor);
