using MassTransit;
using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.Sources.Options;
using Sluice.Sources.Reading;
using Sluice.Sources.Records;

namespace Sluice.DetailWorker;

/// <summary>Fetches one item's detail under the permit ledger and writes its row; the message is acknowledged after that.</summary>
internal sealed class FetchItemDetailConsumer(Attempts attempts, DetailReader details) : IConsumer<FetchItemDetail>
{
    public Task Consume(ConsumeContext<FetchItemDetail> context) =>
        attempts.RunAsync(context.Message, "item", FetchAsync, context.CancellationToken);

    /// <summary>Sends the request.</summary>
    internal async Task<ItemOutcome?> FetchAsync(Attempt attempt, Source source, CancellationToken cancellationToken)
    {
        var item = attempt.Message;
        using var activity = ImportTelemetry.Activities.StartActivity("import.item.fetch");
        activity?.SetTag("sluice.import.id", item.ImportId).SetTag("sluice.item.id", item.ExternalId).SetTag("sluice.source", source.Name);
        return ItemOutcome.Imported(item, await details.ReadAsync(source, item.ImportId, item.ExternalId, cancellationToken));
    }
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
