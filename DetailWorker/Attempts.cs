using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Sluice.Contracts;
using Sluice.Sources.Options;
using Sluice.Sources.Reading;
using Sluice.Sources.Records;

namespace Sluice.DetailWorker;

/// <summary>
/// Makes an attempt at an item, which may be a day of a backfill, and writes what came of it. A message whose item is not pending, or has
/// failed since, or whose import has ended, is dropped; one whose import is paused goes back; one whose item is in hand waits for that.
/// </summary>
internal sealed partial class Attempts(
    WorkInHand hand, ItemStore store, SourceCatalog sources, WaitRecorder recorder, ImportEnd end, ImportPause pause,
    IHostApplicationLifetime lifetime, ILogger<Attempts> logger)
{
    /// <param name="message">To be acknowledged after this.</param>
    /// <param name="kind">Of the item, for the metrics.</param>
    /// <param name="work">The attempt itself.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    public async Task RunAsync(FetchItemDetail message, string kind, AttemptWork work, CancellationToken cancellationToken)
    {
        FetchItemDetail? current = message;
        while (current is not null && hand.Take(current) is { } item)
            current = await RunAsync(current, item, kind, work, cancellationToken);
    }

    /// <returns>The message that came for the item meanwhile.</returns>
    private async Task<FetchItemDetail?> RunAsync(FetchItemDetail message, ItemInHand item, string kind, AttemptWork work, CancellationToken cancellationToken)
    {
        var written = false;
        var mayHaveEnded = false;
        FetchItemDetail? next = null;
        try
        {
            written = await TryAsync(new Attempt(message), item, kind, work, cancellationToken);
        }
        finally
        {
            (mayHaveEnded, next) = hand.PutDown(item, written);
        }

        if (mayHaveEnded)
            await TryCompleteAsync(message.ImportId, cancellationToken);
        return next;
    }

    /// <returns>Whether an outcome is written.</returns>
    private async Task<bool> TryAsync(Attempt attempt, ItemInHand item, string kind, AttemptWork work, CancellationToken cancellationToken)
    {
        using var givenUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping, item.ImportEnded);
        try
        {
            if (await store.FindAsync(attempt.Message, givenUp.Token) is not { } pending)
                return false;
            // The message is used up: only the row can tell whoever resumes the import that the item must be published again.
            var outcome = pending.IsPaused ? ItemOutcome.Postponed(attempt.Message) : await OutcomeAsync(attempt, pending.Source, work, givenUp.Token);
            if (outcome is null)
                return false;
            ImportTelemetry.CountAttempt(pending.Source, kind, outcome.Kind);
            await store.WriteAsync(outcome, cancellationToken);
            return true;
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // The bus would take it for a fault and keep the message to itself.
            await store.WriteAsync(ItemOutcome.Postponed(attempt.Message), CancellationToken.None);
            return false;
        }
        catch (OperationCanceledException) when (item.ImportEnded.IsCancellationRequested)
        {
            // It may go on by now, and the message is used up.
            await store.WriteAsync(ItemOutcome.Postponed(attempt.Message), cancellationToken);
            return false;
        }
    }

    private async Task<ItemOutcome?> OutcomeAsync(Attempt attempt, string sourceName, AttemptWork work, CancellationToken cancellationToken)
    {
        var (importId, externalId, _) = attempt.Message;
        if (sources.Find(sourceName) is not { } source)
            return ItemOutcome.Failed(attempt.Message, $"This worker has no source '{sourceName}' configured.");
        try
        {
            return await work(attempt, source, cancellationToken);
        }
        catch (SourceException exception)
        {
            var outcome = ItemOutcome.From(attempt.Message, source, exception);
            LogNotFetched(externalId, importId, outcome.Kind, exception.Message);

            // Before the outcome is written: the item would be published again at once.
            if (exception.ResetsAt is { } resetsAt && await pause.PauseForQuotaAsync(importId, exception.Message, resetsAt, cancellationToken))
                LogPaused(importId, exception.Message);
            return outcome;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // A fault of ours. Thrown, it would leave the item pending for ever; as a failed attempt it is on record and comes to an end.
            LogBroken(exception, externalId, importId);
            return ItemOutcome.From(attempt.Message, source, new SourceException(SourceFault.Attempt, exception.Message, exception));
        }
    }

    private async Task TryCompleteAsync(Guid importId, CancellationToken cancellationToken)
    {
        try
        {
            await recorder.FlushAsync(cancellationToken);
            if (await end.TryCompleteAsync(importId, cancellationToken))
                LogCompleted(importId);
        }
        catch (NpgsqlException exception)
        {
            // The orchestrator's sweep ends it.
            LogNotCompleted(importId, exception.Message);
        }
    }

    [LoggerMessage(1, LogLevel.Debug, "Item {ExternalId} of import {ImportId}: {Outcome}: {Reason}", EventName = "ItemNotFetched")]
    private partial void LogNotFetched(string externalId, Guid importId, string outcome, string reason);

    [LoggerMessage(2, LogLevel.Information, "Import {ImportId} is completed", EventName = "ImportCompleted")]
    private partial void LogCompleted(Guid importId);

    [LoggerMessage(3, LogLevel.Warning, "Whether import {ImportId} is completed could not be seen: {Reason}", EventName = "ImportNotCompleted")]
    private partial void LogNotCompleted(Guid importId, string reason);

    [LoggerMessage(4, LogLevel.Error, "Item {ExternalId} of import {ImportId} could not be fetched", EventName = "ItemBroken")]
    private partial void LogBroken(Exception exception, string externalId, Guid importId);

    [LoggerMessage(5, LogLevel.Information, "Import {ImportId} is paused: {Reason}", EventName = "ImportPaused")]
    private partial void LogPaused(Guid importId, string reason);
}
