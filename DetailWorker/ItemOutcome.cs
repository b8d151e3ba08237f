using Sluice.Contracts;
using Sluice.Sources.Options;
using Sluice.Sources.Reading;

namespace Sluice.DetailWorker;

/// <summary>What came of one attempt at an item, as it is written to the item's row.</summary>
internal sealed record ItemOutcome(FetchItemDetail Message, string Status)
{
    /// <summary>After a refusal of which nobody said how long it lasts.</summary>
    private static readonly TimeSpan RefusalDelay = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LongestRefusalDelay = TimeSpan.FromDays(1);

    public FetchedDetail? Detail { get; private init; }

    public string? FailureReason { get; private init; }

    public bool IsFailure { get; private init; }

    public bool IsRefusal { get; private init; }

    /// <summary>Refusals with which the item has failed.</summary>
    public int MaxRefusals { get; private init; }

    /// <summary>From now to the next attempt, where there is one.</summary>
    public TimeSpan Delay { get; private init; }

    /// <summary>For the log and the metrics.</summary>
    public string Kind => (Status, IsFailure, IsRefusal) switch
    {
        (ItemStatus.Imported, _, _) => "imported",
        (_, _, true) => "refused",
        (ItemStatus.Failed, _, _) => "failed",
        (_, true, _) => "retry",
        _ => "postponed",
    };

    public static ItemOutcome Imported(FetchItemDetail message, FetchedDetail detail) => new(message, ItemStatus.Imported) { Detail = detail };

    /// <summary>All of it is there: it has no detail.</summary>
    public static ItemOutcome Imported(FetchItemDetail message) => new(message, ItemStatus.Imported);

    /// <summary>An attempt that failed for good.</summary>
    public static ItemOutcome Failed(FetchItemDetail message, string reason) =>
        new(message, ItemStatus.Failed) { IsFailure = true, FailureReason = reason };

    /// <summary>No attempt: the item is due again at once, for whoever is free.</summary>
    public static ItemOutcome Postponed(FetchItemDetail message) => new(message, ItemStatus.Pending);

    public static ItemOutcome From(FetchItemDetail message, Source source, SourceException exception) => exception.Fault switch
    {
        SourceFault.Permanent => Failed(message, exception.Message),
        SourceFault.Refusal => new(message, ItemStatus.Pending)
        {
            IsRefusal = true,
            MaxRefusals = source.Options.MaxRefusals,
            FailureReason = exception.Message,
            Delay = TimeSpan.FromTicks(Math.Clamp((exception.RetryAfter ?? RefusalDelay).Ticks, 0, LongestRefusalDelay.Ticks)),
        },
        SourceFault.Postponed or SourceFault.Quota => Postponed(message),
        _ => AfterFailure(message, source, exception.Message),
    };

    private static ItemOutcome AfterFailure(FetchItemDetail message, Source source, string reason) =>
        message.FailureCount < source.RetryDelays.Count
            ? new(message, ItemStatus.Pending) { IsFailure = true, FailureReason = reason, Delay = source.RetryDelays[message.FailureCount] }
            : Failed(message, reason);
}
