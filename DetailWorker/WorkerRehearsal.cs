using MassTransit;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.Sources.Options;
using Sluice.Sources.Records;
using Sluice.Sources.Rehearsal;

namespace Sluice.DetailWorker;

/// <summary>Messages to be dropped, requests, rows that change nothing, and the end of an import that is not there.</summary>
internal sealed class WorkerRehearsal(
    FetchItemDetailConsumer consumer, ItemStore items, WaitRecorder recorder, ImportEnd end, IBus bus, IOptions<ImportOptions> options, TimeProvider time,
    ILogger<WorkerRehearsal> logger) : StartRehearsal(options, time, logger)
{
    /// <summary>The messages are shared with the workers that are there already.</summary>
    private static readonly FetchItemDetail[] Items = [.. Enumerable.Range(1, 32).Select(number => new FetchItemDetail(Guid.Empty, $"{number}", 0))];

    protected override async Task RehearseAsync(CancellationToken cancellationToken)
    {
        await bus.PublishBatch(Items, context => context.TimeToLive = Options.RepublishPageAfter, cancellationToken);
        var outcomes = await RehearsalSource.ReadAsync(source =>
            Task.WhenAll(Items.Select(item => consumer.FetchAsync(new Attempt(item), source, cancellationToken))));
        await Task.WhenAll(outcomes.OfType<ItemOutcome>().Select(outcome => items.WriteAsync(outcome, cancellationToken)));
        await recorder.FlushAsync(cancellationToken);
        await end.TryCompleteAsync(Guid.Empty, cancellationToken);
    }
}
