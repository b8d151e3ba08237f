using MassTransit;
using Sluice.Contracts;
using Sluice.ImportOrchestrator.Dispatch;
using Sluice.Sources.Records;
using Sluice.Sources.Options;
using Sluice.Sources.Reading;

namespace Sluice.ImportOrchestrator.Discovery;

/// <summary>Reads one page of an import's list, from its checkpoint, and publishes the next; items are fetched meanwhile.</summary>
internal sealed partial class DiscoverImportConsumer(
    PagesInHand hand, DiscoveryStore store, SourceCatalog sources, PageReader pages, WorkPublisher publisher, DispatchSignal dispatch,
    WaitRecorder recorder, ImportEnd end, IHostApplicationLifetime lifetime, ILogger<DiscoverImportConsumer> logger) : IConsumer<DiscoverImport>
{
    /// <summary>After a refusal of which nobody said how long it lasts.</summary>
    private static readonly TimeSpan RefusalDelay = TimeSpan.FromSeconds(1);

    public async Task Consume(ConsumeContext<DiscoverImport> context)
    {
        var message = context.Message;
        if (hand.Take(message.ImportId) is not { } importEnded)
            return;
        var isSaved = false;
        try
        {
            // When the process stops, the message goes back to the queue, for another to read the page.
            using var givenUp = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping, importEnded);
            isSaved = await DiscoverAsync(message, givenUp.Token);
        }
        catch (OperationCanceledException) when (importEnded.IsCancellationRequested)
        {
            LogGivenUp(message.ImportId);
        }
        finally
        {
            hand.PutDown(message.ImportId);
        }

        if (isSaved)
            await publisher.TryPublishPageAsync(message with { PagesDone = message.PagesDone + 1 });
    }

    /// <returns>Whether there is another page to read.</returns>
    private async Task<bool> DiscoverAsync(DiscoverImport message, CancellationToken cancellationToken)
    {
        var importId = message.ImportId;
        if (await store.FindAsync(importId, cancellationToken) is not { } checkpoint || checkpoint.PagesDone != message.PagesDone)
            return false;
        if (sources.Find(checkpoint.Source) is not { } source)
        {
            await FailAsync(importId, $"There is no source '{checkpoint.Source}' configured any more.", cancellationToken);
            return false;
        }

        var cursor = checkpoint.Cursor ?? PageReader.FirstCursor(source);
        if (await ReadAsync(message, checkpoint, source, cursor, cancellationToken) is not { } page)
            return false;
        var result = await store.SaveAsync(importId, checkpoint.PagesDone + 1, cursor, page, cancellationToken);
        dispatch.Set();
        return result != PageResult.OutOfDate && await GoOnAsync(importId, checkpoint.PagesDone + 1, source, page, result, cancellationToken);
    }

    private async Task<ListPage?> ReadAsync(DiscoverImport message, Checkpoint checkpoint, Source source, string cursor, CancellationToken cancellationToken)
    {
        using var activity = ImportTelemetry.Activities.StartActivity("import.page.fetch");
        activity?.SetTag("sluice.import.id", message.ImportId).SetTag("sluice.source", source.Name).SetTag("sluice.page.number", checkpoint.PagesDone + 1);
        try
        {
            var page = await pages.ReadAsync(source, message.ImportId, cursor, cancellationToken);
            ImportTelemetry.CountAttempt(source.Name, "page", "read");
            return page;
        }
        catch (SourceException exception)
        {
            LogNotRead(message.ImportId, checkpoint.PagesDone + 1, exception.Message);
            ImportTelemetry.CountAttempt(source.Name, "page", exception.Fault.ToString().ToLowerInvariant());
            await RetryAsync(message.ImportId, checkpoint, source, exception, cancellationToken);
            return null;
        }
    }

    private async Task RetryAsync(Guid importId, Checkpoint checkpoint, Source source, SourceException exception, CancellationToken cancellationToken)
    {
        var (delay, isLast) = exception.Fault switch
        {
            SourceFault.Postponed => (TimeSpan.Zero, false),
            SourceFault.Refusal => (exception.RetryAfter ?? RefusalDelay, checkpoint.RefusedCount + 1 >= source.Options.MaxRefusals),
            SourceFault.Attempt when checkpoint.FailureCount < source.RetryDelays.Count => (source.RetryDelays[checkpoint.FailureCount], false),
            _ => (TimeSpan.Zero, true),
        };
        if (isLast)
            await FailAsync(importId, $"Page {checkpoint.PagesDone + 1} of the list could not be read: {exception.Message}", cancellationToken);
        else
            await store.PostponeAsync(importId, delay, exception.Fault == SourceFault.Attempt, exception.Fault == SourceFault.Refusal, cancellationToken);
    }

    private async Task<bool> GoOnAsync(Guid importId, int pagesDone, Source source, ListPage page, PageResult result, CancellationToken cancellationToken)
    {
        if (page.NextCursor is null)
        {
            // The items may all have been fetched already, or there are none.
            await recorder.FlushAsync(cancellationToken);
            await end.TryCompleteAsync(importId, cancellationToken);
            return false;
        }

        if (result == PageResult.Loops)
            await FailAsync(importId, $"The list loops: page {pagesDone} leads back to pages that were read before.", cancellationToken);
        else if (pagesDone >= source.Options.List.MaxPages)
            await FailAsync(importId, $"The list has more than {source.Options.List.MaxPages} pages, the most that its source allows.", cancellationToken);
        else
            return true;
        return false;
    }

    private async Task FailAsync(Guid importId, string reason, CancellationToken cancellationToken)
    {
        await recorder.FlushAsync(cancellationToken);
        if (await end.FailAsync(importId, reason, cancellationToken))
            LogFailed(importId, reason);
    }

    [LoggerMessage(1, LogLevel.Warning, "Import {ImportId} failed: {Reason}", EventName = "ImportFailed")]
    private partial void LogFailed(Guid importId, string reason);

    [LoggerMessage(2, LogLevel.Warning, "Import {ImportId}: page {Number} could not be read: {Reason}", EventName = "PageNotRead")]
    private partial void LogNotRead(Guid importId, int number, string reason);

    [LoggerMessage(3, LogLevel.Information, "Import {ImportId} has ended: its page is given up", EventName = "PageGivenUp")]
    private partial void LogGivenUp(Guid importId);
}

internal sealed class DiscoverImportConsumerDefinition : ConsumerDefinition<DiscoverImportConsumer>
{
    /// <summary>Imports whose lists are read at the same time by one process.</summary>
    private const int Concurrency = 16;

    public DiscoverImportConsumerDefinition() => ConcurrentMessageLimit = Concurrency;
}
