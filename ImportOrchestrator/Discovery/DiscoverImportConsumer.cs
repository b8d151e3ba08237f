using MassTransit;
using Npgsql;
using Sluice.Contracts;
using Sluice.ImportOrchestrator.Dispatch;
using Sluice.Sources.Records;
using Sluice.Sources.Options;
using Sluice.Sources.Reading;

namespace Sluice.ImportOrchestrator.Discovery;

/// <summary>Reads one page of an import's list, from its checkpoint, and publishes the next; items are fetched meanwhile.</summary>
internal sealed partial class DiscoverImportConsumer(
    PagesInHand hand, DiscoveryStore store, SourceCatalog sources, PageReader pages, WorkPublisher publisher, DispatchSignal dispatch,
    WaitRecorder recorder, ImportEnd end, ImportPause pause, IHostApplicationLifetime lifetime, ILogger<DiscoverImportConsumer> logger) : IConsumer<DiscoverImport>
{
    /// <summary>After a refusal of which nobody said how long it lasts.</summary>
    private static readonly TimeSpan RefusalDelay = TimeSpan.FromSeconds(1);

    public async Task Consume(ConsumeContext<DiscoverImport> context)
    {
        var message = context.Message;
        if (hand.Take(message) is not { } importEnded)
            return;
        var hasNext = false;
        Exception? fault = null;
        try
        {
            using var givenUp = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping, importEnded);
            hasNext = await DiscoverAsync(message, givenUp.Token);
        }
        catch (OperationCanceledException) when (importEnded.IsCancellationRequested)
        {
            LogGivenUp(message.ImportId);
        }
        catch (OperationCanceledException exception) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // The bus would take it for a fault and keep the message to itself.
            fault = new SourceException(SourceFault.Postponed, "the process stops", exception);
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or NpgsqlException))
        {
            fault = exception;
        }
        finally
        {
            hand.PutDown(message);
        }

        // Not before the page is put down: until then the message for the next attempt would be dropped. And whoever gives up: what the row
        // says is what happens next.
        if (fault is not null)
            await RetryAsync(message, fault, CancellationToken.None);
        if (hasNext)
            await publisher.TryPublishPageAsync(message with { PagesDone = message.PagesDone + 1 });
    }

    /// <returns>Whether there is another page to read.</returns>
    private async Task<bool> DiscoverAsync(DiscoverImport message, CancellationToken cancellationToken)
    {
        var importId = message.ImportId;
        if (await FindAsync(message, cancellationToken) is not { } checkpoint)
            return false;
        if (checkpoint.IsPaused)
        {
            // The message is used up: only the row can tell whoever resumes the import that the page must be published again.
            await store.PostponeAsync(importId, TimeSpan.Zero, isFailure: false, isRefusal: false, cancellationToken);
            return false;
        }

        var source = sources.Find(checkpoint.Source);
        if (source is null)
        {
            await FailAsync(importId, $"There is no source '{checkpoint.Source}' configured any more.", cancellationToken);
            return false;
        }

        if (EndlessReason(checkpoint, source) is { } reason)
        {
            await FailAsync(importId, reason, cancellationToken);
            return false;
        }

        var cursor = checkpoint.Cursor ?? PageReader.FirstCursor(source);
        var page = await ReadAsync(importId, checkpoint.PagesDone + 1, source, cursor, cancellationToken);
        if (!await store.SaveAsync(importId, checkpoint.PagesDone + 1, cursor, page, cancellationToken))
            return false;
        dispatch.Set();
        if (page.NextCursor is not null)
            return true;

        // The items may all have been fetched already, or there are none.
        await recorder.FlushAsync(cancellationToken);
        await end.TryCompleteAsync(importId, cancellationToken);
        return false;
    }

    /// <summary>Null where the message is out of date.</summary>
    private async Task<Checkpoint?> FindAsync(DiscoverImport message, CancellationToken cancellationToken) =>
        await store.FindAsync(message.ImportId, cancellationToken) is { } checkpoint && checkpoint.PagesDone == message.PagesDone ? checkpoint : null;

    private async Task<ListPage> ReadAsync(Guid importId, int number, Source source, string cursor, CancellationToken cancellationToken)
    {
        using var activity = ImportTelemetry.Activities.StartActivity("import.page.fetch");
        activity?.SetTag("sluice.import.id", importId).SetTag("sluice.source", source.Name).SetTag("sluice.page.number", number);
        var page = await pages.ReadAsync(source, importId, cursor, cancellationToken);
        ImportTelemetry.CountAttempt(source.Name, "page", "read");
        return page;
    }

    private async Task RetryAsync(DiscoverImport message, Exception exception, CancellationToken cancellationToken)
    {
        LogNotRead(message.ImportId, message.PagesDone + 1, exception.Message);
        if (await FindAsync(message, cancellationToken) is not { } checkpoint || sources.Find(checkpoint.Source) is not { } source)
            return;

        // A fault of ours that repeated itself for ever would leave the import without an end; as a failed attempt it is on record.
        var cause = exception as SourceException ?? new SourceException(SourceFault.Attempt, exception.Message, exception);
        ImportTelemetry.CountAttempt(source.Name, "page", cause.Fault.ToString().ToLowerInvariant());
        if (cause.ResetsAt is { } resetsAt && await pause.PauseForQuotaAsync(message.ImportId, cause.Message, resetsAt, cancellationToken))
            LogPaused(message.ImportId, cause.Message);
        if (DelayOf(cause, checkpoint, source) is { } delay)
            await store.PostponeAsync(message.ImportId, delay, cause.Fault == SourceFault.Attempt, cause.Fault == SourceFault.Refusal, cancellationToken);
        else
            await FailAsync(message.ImportId, $"Page {message.PagesDone + 1} of the list could not be read: {cause.Message}", cancellationToken);
    }

    /// <summary>From now to the next attempt at the page; null where this was the last.</summary>
    private static TimeSpan? DelayOf(SourceException cause, Checkpoint checkpoint, Source source) => cause.Fault switch
    {
        SourceFault.Postponed or SourceFault.Quota => TimeSpan.Zero,
        SourceFault.Refusal when checkpoint.RefusedCount + 1 < source.Options.MaxRefusals => cause.RetryAfter ?? RefusalDelay,
        SourceFault.Attempt when checkpoint.FailureCount < source.RetryDelays.Count => source.RetryDelays[checkpoint.FailureCount],
        _ => null,
    };

    /// <summary>Why the list would never end; null where it may.</summary>
    private static string? EndlessReason(Checkpoint checkpoint, Source source) =>
        checkpoint.Loops ? $"The list loops: page {checkpoint.PagesDone} leads back to pages that were read before."
        : checkpoint.PagesDone >= source.Options.List.MaxPages ? $"The list has more than {source.Options.List.MaxPages} pages, the most that its source allows."
        : null;

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

    [LoggerMessage(4, LogLevel.Information, "Import {ImportId} is paused: {Reason}", EventName = "ImportPaused")]
    private partial void LogPaused(Guid importId, string reason);

    [LoggerMessage(3, LogLevel.Information, "Import {ImportId} has ended: its page is given up", EventName = "PageGivenUp")]
    private partial void LogGivenUp(Guid importId);
}

internal sealed class DiscoverImportConsumerDefinition : ConsumerDefinition<DiscoverImportConsumer>
{
    /// <summary>Imports whose lists are read at the same time by one process.</summary>
    private const int Concurrency = 16;

    public DiscoverImportConsumerDefinition() => ConcurrentMessageLimit = Concurrency;
}
