using System.Globalization;
using MassTransit;
using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.Sources.Options;
using Sluice.Sources.Reading;
using Sluice.Sources.Records;

namespace Sluice.DetailWorker.Backfills;

/// <summary>
/// Fetches a day of a backfill page by page under the permit ledger, from the day's checkpoint. To its backfill the day is an item, with
/// the same attempts; a page that has been read gives it new ones.
/// </summary>
internal sealed class FetchDayConsumer(Attempts attempts, DayStore store, DayReader days, TimeProvider time) : IConsumer<FetchDay>
{
    /// <summary>After that a day goes back to wait its turn: with the longest wait for a permit it stays below RabbitMQ's 30 minutes.</summary>
    private static readonly TimeSpan LongestTurn = TimeSpan.FromMinutes(5);

    public Task Consume(ConsumeContext<FetchDay> context)
    {
        var (backfillId, date, failureCount) = context.Message;
        var item = new FetchItemDetail(backfillId, date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), failureCount);
        return attempts.RunAsync(item, "day", (attempt, source, cancellationToken) => FetchAsync(attempt, date, source, cancellationToken), context.CancellationToken);
    }

    private async Task<ItemOutcome?> FetchAsync(Attempt attempt, DateOnly date, Source source, CancellationToken cancellationToken)
    {
        var backfillId = attempt.Message.ImportId;
        var started = time.GetTimestamp();
        while (await store.FindAsync(backfillId, date, cancellationToken) is var checkpoint && !checkpoint.IsComplete)
        {
            if (EndlessReason(checkpoint, source) is { } reason)
                throw new SourceException(SourceFault.Permanent, reason);
            var cursor = checkpoint.Cursor ?? PageReader.FirstCursor(source);
            var page = await ReadAsync(backfillId, date, checkpoint.PagesDone + 1, source, cursor, cancellationToken);

            // Not given up from here on: what has been fetched is written.
            if (!await store.SaveAsync(new FetchedPage(backfillId, source.Name, date, checkpoint.PagesDone + 1, cursor, page)))
                return null;
            attempt.Advance();
            if (page.NextCursor is not null && time.GetElapsedTime(started) > LongestTurn)
                return ItemOutcome.Postponed(attempt.Message);
        }

        return ItemOutcome.Imported(attempt.Message);
    }

    private async Task<DayPage> ReadAsync(Guid backfillId, DateOnly date, int number, Source source, string cursor, CancellationToken cancellationToken)
    {
        using var activity = ImportTelemetry.Activities.StartActivity("backfill.page.fetch");
        activity?.SetTag("sluice.import.id", backfillId).SetTag("sluice.day", date).SetTag("sluice.source", source.Name).SetTag("sluice.page.number", number);
        var page = await days.ReadAsync(source, backfillId, date, cursor, cancellationToken);
        ImportTelemetry.CountAttempt(source.Name, "page", "read");
        return page;
    }

    /// <summary>Why the day would never end; null where it may.</summary>
    private static string? EndlessReason(DayCheckpoint checkpoint, Source source) =>
        checkpoint.Loops ? $"The day loops: page {checkpoint.PagesDone} leads back to a page that was read before."
        : checkpoint.PagesDone >= source.Options.List.MaxPages ? $"The day has more than {source.Options.List.MaxPages} pages, the most that its source allows."
        : null;
}

internal sealed class FetchDayConsumerDefinition : ConsumerDefinition<FetchDayConsumer>
{
    private readonly int concurrency;

    public FetchDayConsumerDefinition(IOptions<DetailWorkerOptions> options)
    {
        concurrency = options.Value.DayConcurrency;
        ConcurrentMessageLimit = concurrency;
    }

    // What waits here unread would keep another worker idle.
    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<FetchDayConsumer> consumerConfigurator,
        IRegistrationContext context) => endpointConfigurator.PrefetchCount = concurrency;
}
