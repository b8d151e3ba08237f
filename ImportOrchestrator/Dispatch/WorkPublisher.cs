using System.Diagnostics;
using System.Globalization;
using MassTransit;
using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.Sources.Options;
using Sluice.Sources.Records;

namespace Sluice.ImportOrchestrator.Dispatch;

/// <summary>
/// Publishes work with the broker's confirm, within a bounded time. <see cref="OperationCanceledException"/>: no confirm in time; some may
/// have been published all the same.
/// </summary>
internal sealed partial class WorkPublisher(IBus bus, IOptions<ImportOptions> options, TimeProvider time, ILogger<WorkPublisher> logger)
{
    /// <summary>Publishes a page; what fails is logged and left to the dispatcher, since the page stays due.</summary>
    public async Task TryPublishPageAsync(DiscoverImport page)
    {
        try
        {
            await PublishAsync([page], CancellationToken.None);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            LogNotPublished(page.ImportId, page.PagesDone, exception.Message);
        }
    }

    public Task PublishAsync(IReadOnlyCollection<DiscoverImport> pages, CancellationToken cancellationToken) =>
        PublishAsync(pages, options.Value.RepublishPageAfter, cancellationToken);

    /// <param name="items">What is to be fetched.</param>
    /// <param name="isRehearsal">Whether nobody misses them where no worker has been there yet.</param>
    /// <param name="cancellationToken">Ends the wait for the confirm.</param>
    public async Task PublishAsync(IReadOnlyCollection<DueItem> items, bool isRehearsal, CancellationToken cancellationToken)
    {
        foreach (var trace in items.GroupBy(item => (item.Message.ImportId, item.TraceParent, item.IsOfFirstPage, item.IsDay)))
        {
            using var activity = Start(trace.Key.TraceParent, trace.Key.IsOfFirstPage);
            activity?.SetTag("sluice.import.id", trace.Key.ImportId);
            if (trace.Key.IsDay)
                await PublishDaysAsync([.. trace.Select(item => item.Message)], cancellationToken);
            else
                await PublishAsync([.. trace.Select(item => item.Message)], options.Value.RepublishAfter, cancellationToken, isMandatory: !isRehearsal);
        }
    }

    // The first page's items show the import's whole road in one trace; with all items in it, nobody could read it. The others link to it.
    private static Activity? Start(string? traceParent, bool isOfFirstPage)
    {
        ActivityContext.TryParse(traceParent, null, isRemote: true, out var import);
        return isOfFirstPage
            ? ImportTelemetry.Activities.StartActivity("import.dispatch", ActivityKind.Internal, import)
            : ImportTelemetry.Activities.StartActivity("import.dispatch", ActivityKind.Internal, default(ActivityContext), links: import == default ? null : [new(import)]);
    }

    private Task PublishDaysAsync(IReadOnlyCollection<FetchItemDetail> days, CancellationToken cancellationToken) => PublishAsync(
        [.. days.Select(day => new FetchDay(day.ImportId, DateOnly.ParseExact(day.ExternalId, "yyyy-MM-dd", CultureInfo.InvariantCulture), day.FailureCount))],
        options.Value.RepublishAfter, cancellationToken);

    // What nobody has read by then is published again: it must not pile up where limits, or the lack of a worker, hold it for hours.
    private async Task PublishAsync<T>(
        IReadOnlyCollection<T> work, TimeSpan lifetime, CancellationToken cancellationToken, bool isMandatory = true) where T : class
    {
        using var patience = new CancellationTokenSource(options.Value.PublishTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        await bus.PublishBatch(work, Set, either.Token).WaitAsync(either.Token);

        void Set(PublishContext<T> context)
        {
            context.TimeToLive = lifetime;

            // The broker confirms what no queue takes, and throws it away: so it is before the first worker has declared its queue.
            if (context.TryGetPayload<RabbitMqSendContext>(out var message))
                message.Mandatory = isMandatory;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Import {ImportId}: the page after {PagesDone} could not be published and will be later: {Reason}", EventName = "PageNotPublished")]
    private partial void LogNotPublished(Guid importId, int pagesDone, string reason);
}
