using MassTransit;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Sluice.Contracts;

namespace Sluice.OrderWorker.Settlement;

/// <summary>
/// Settles the orders of a batch of messages together, and acknowledges them after that. Orders that broke it, or its process, more than
/// once are settled alone, so that those beside them are not held up.
/// </summary>
internal sealed partial class PlaceOrdersConsumer(Settler settler, ILogger<PlaceOrdersConsumer> logger) : IConsumer<Batch<PlaceOrders>>
{
    /// <summary>Deliveries of a message after which its orders go on alone. The broker gives it up after <see cref="Microsoft.Extensions.Hosting.MessagingExtensions.DeliveryLimit"/>.</summary>
    private const int MostDeliveries = 3;

    public async Task Consume(ConsumeContext<Batch<PlaceOrders>> context)
    {
        var suspects = context.Message.Where(message => message.DeliveriesBefore() >= MostDeliveries).ToList();
        await SettleAloneAsync(context, [.. suspects.SelectMany(message => message.Message.Orders)]);
        PlaceOrder[] orders = [.. context.Message.Except(suspects).SelectMany(message => message.Message.Orders)];
        try
        {
            await settler.SettleAsync(orders);
        }
        catch (PostgresException exception) when (Settler.IsOfTheData(exception.SqlState))
        {
            LogBroken(orders.Length, exception.MessageText);
            await SettleAloneAsync(context, orders);
        }
    }

    private static Task SettleAloneAsync(IPublishEndpoint bus, PlaceOrder[] orders) =>
        orders.Length == 0 ? Task.CompletedTask : bus.PublishBatch(orders.Select(order => new SettleAlone(order)));

    [LoggerMessage(1, LogLevel.Warning, "A batch of {Orders} orders cannot be stored, each will be settled alone: {Reason}", EventName = "BatchBroken")]
    private partial void LogBroken(int orders, string reason);
}

internal sealed class PlaceOrdersConsumerDefinition : ConsumerDefinition<PlaceOrdersConsumer>
{
    private readonly OrderWorkerOptions options;

    public PlaceOrdersConsumerDefinition(IOptions<OrderWorkerOptions> options)
    {
        this.options = options.Value;
        EndpointName = PlaceOrders.Endpoint;
    }

    // One batch is gathered while another is settled; one at a time, for two of one process would only meet at the same row.
    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<PlaceOrdersConsumer> consumerConfigurator, IRegistrationContext context)
    {
        endpointConfigurator.PrefetchCount = 2 * options.BatchMessages;
        consumerConfigurator.Options<BatchOptions>(batch => batch
            .SetMessageLimit(options.BatchMessages)
            .SetTimeLimit(options.BatchWait)
            .SetConcurrencyLimit(1));
    }
}

internal static class Deliveries
{
    /// <summary>How often the broker has handed the message out before, and got it back.</summary>
    public static long DeliveriesBefore(this ConsumeContext context) => context.ReceiveContext.TransportHeaders.Get<long>("x-delivery-count") ?? 0;
}
