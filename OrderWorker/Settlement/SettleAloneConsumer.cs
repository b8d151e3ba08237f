using MassTransit;
using Npgsql;
using Sluice.Contracts;

namespace Sluice.OrderWorker.Settlement;

/// <summary>Settle an order in a batch of its own.</summary>
internal sealed record SettleAlone(PlaceOrder Order);

/// <summary>
/// Settles orders that broke a batch, or were in it. One that cannot be settled is rejected, so that its buyer sees an outcome, and its
/// message ends in the error queue.
/// </summary>
internal sealed class SettleAloneConsumer(Settler settler) : IConsumer<SettleAlone>
{
    /// <summary>Below what the broker gives a message up after; far above 3, for it is mostly innocent orders that a killed process had in hand.</summary>
    private const int MostDeliveries = 8;

    public async Task Consume(ConsumeContext<SettleAlone> context)
    {
        var order = context.Message.Order;
        try
        {
            if (context.DeliveriesBefore() < MostDeliveries)
            {
                await settler.SettleAsync([order]);
                return;
            }
        }
        catch (PostgresException exception) when (Settler.IsOfTheData(exception.SqlState))
        {
            await settler.FailAsync(order);
            throw;
        }

        await settler.FailAsync(order);
        throw new PoisonedOrderException($"The process ended {MostDeliveries} times while it settled the order {order.OrderId}.");
    }
}

/// <summary>An order that ends the process that settles it.</summary>
internal sealed class PoisonedOrderException(string message) : Exception(message);

internal sealed class SettleAloneConsumerDefinition : ConsumerDefinition<SettleAloneConsumer>
{
    /// <summary>Few, for all that are read count as delivered when the process ends.</summary>
    private const int Prefetch = 4;

    public SettleAloneConsumerDefinition()
    {
        EndpointName = "settle-alone";
        ConcurrentMessageLimit = 1;
    }

    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<SettleAloneConsumer> consumerConfigurator, IRegistrationContext context) =>
        endpointConfigurator.PrefetchCount = Prefetch;
}
