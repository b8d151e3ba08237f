using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Sluice.Contracts;
using Sluice.Sources.Records;
using Sluice.Sources.Options;
using Sluice.Sources.Reading;

namespace Sluice.DetailWorker;

/// <summary>
/// Fetches one item's detail under the permit ledger and writes its row; the message is acknowledged after that. A message whose item
/// is not pending, or has failed since, or whose import does not run, is dropped; one whose item is in hand waits for that.
/// </summary>
internal sealed partial class FetchItemDetailConsumer(
    WorkInHand hand, ItemStore store, SourceCatalog sources, DetailReader details, WaitRecorder recorder, ImportEnd end,
    IHostApplicationLifetime lifetime, ILogger<FetchItemDetailConsumer> logger) : IConsumer<FetchItemDetail>
{
    public async Task Consume(ConsumeContext<FetchItemDetail> context)
    {
        FetchItemDetail? message = context.Message;
        while (message is not null && hand.Take(message) is { } item)
            message = await FetchAsync(message, item, context.CancellationToken);
    }

    /// <returns>The message that came for the item meanwhile.</returns>
    private async Task<FetchItemDetail?> FetchAsync(FetchItemDetail message, ItemInHand item, CancellationToken cancellationToken)
    {
        var written = false;
        var mayHaveEnded = false;
        FetchItemDetail? next = null;
        try
        {
            written = await TryFetchAsync(message, item, cancellationToken);
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
    private async Task<bool> TryFetchAsync(FetchItemDetail message, ItemInHand item, CancellationToken cancellationToken)
    {
        using var givenUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping, item.ImportEnded);
        try
        {
            if (await store.FindSourceAsync(message, givenUp.Token) is not { } source)
                return false;
            var outcome = await AttemptAsync(message, source, givenUp.Token);
            ImportTelemetry.CountAttempt(source, "item", outcome.Kind);
            await store.WriteAsync(outcome, cancellationToken);
            return true;
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // The bus would take it for a fault and keep the message to itself.
            await store.WriteAsync(ItemOutcome.Postponed(message), CancellationToken.None);
            return false;
        }
        catch (OperationCanceledException) when (item.ImportEnded.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task<ItemOutcome> AttemptAsync(FetchItemDetail message, string sourceName, CancellationToken cancellationToken)
    {
        using var activity = ImportTelemetry.Activities.StartActivity("import.item.fetch");
        activity?.SetTag("sluice.import.id", message.ImportId).SetTag("sluice.item.id", message.ExternalId).SetTag("sluice.source", sourceName);
        if (sources.Find(sourceName) is not { } source)
            return ItemOutcome.Failed(message, $"This worker has no source '{sourceName}' configured.");
        try
        {
            return ItemOutcome.Imported(message, await details.ReadAsync(source, message.ImportId, message.ExternalId, cancellationToken));
        }
        catch (SourceException exception)
        {
            var outcome = ItemOutcome.From(message, source, exception);
            LogNotFetched(message.ExternalId, message.ImportId, outcome.Kind, exception.Message);
            return outcome;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // A fault of ours. Thrown, it would leave the item pending for ever; as a failed attempt it is on record and comes to an end.
            LogBroken(exception, message.ExternalId, message.ImportId);
            return ItemOutcome.From(message, source, new SourceException(SourceFault.Attempt, exception.Message, exception));
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
}

internal sealed class FetchItemDetailConsumerDefinition : ConsumerDefinition<FetchItemDetailConsumer>
{
    private readonly int concurrency;

    public FetchItemDetailConsumerDefinition(IOptions<DetailWorkerOptions> options)
    {
        concurrency = options.Value.Concurrency;
        ConcurrentMessageLimit = concurrency;
    }

    // What waits here unread would keep another worker idle.
    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<FetchItemDetailConsumer> consumerConfigurator,
        IRegistrationContext context) => endpointConfigurator.PrefetchCount = concurrency;
}
