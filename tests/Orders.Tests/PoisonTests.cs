using System.Diagnostics.Metrics;
using System.Text;
using RabbitMQ.Client;
using Sluice.Contracts;
using Sluice.ItemApi.Orders;
using Sluice.OrderTests.World;
using Sluice.Testing;

namespace Sluice.OrderTests;

public sealed class PoisonTests(Servers servers)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_order_that_cannot_be_stored_is_rejected_and_holds_up_nobody()
    {
        using var poisoned = new Counted("sluice.order.poisoned");
        await using var system = await OrderSystem.StartAsync(servers);
        PlaceOrder[] orders = [.. Enumerable.Range(0, 10).Select(number => new PlaceOrder(
            system.Service<OrderIds>().Next(), "default", 1, null, "client:alice", number == 4 ? "a\0b" : "client:alice", null, TimeProvider.System.GetUtcNow()))];

        Assert.Equal(Publication.Confirmed, await system.Service<OrderQueue>().PublishAsync(orders, null));

        for (var number = 0; number < orders.Length; number++)
        {
            var order = await system.OutcomeAsync(orders[number].OrderId);
            Assert.Equal(number == 4 ? (OrderStatus.Rejected, RejectionReason.Failed) : (OrderStatus.Confirmed, null), (order.Status, order.Reason));
        }

        await UntilWaitsAsync(system, "settle-alone_error");
        await Deadline.UntilAsync(() => Task.FromResult(poisoned.Sum == 1), "it is counted once", cancellationToken: Cancellation);
        Assert.Equal(9, (await system.BalanceAsync("default")).Sold);
    }

    [Fact]
    public async Task A_message_that_cannot_be_read_goes_to_the_error_queue()
    {
        using var poisoned = new Counted("sluice.order.poisoned");
        await using var system = await OrderSystem.StartAsync(servers);

        await using (var connection = await ConnectAsync(system))
        await using (var channel = await connection.CreateChannelAsync(cancellationToken: Cancellation))
            await channel.BasicPublishAsync(
                PlaceOrders.Endpoint, "", mandatory: true, new BasicProperties { ContentType = "application/vnd.masstransit+json" },
                Encoding.UTF8.GetBytes("""{"messageType":["urn:message:Sluice.Contracts:PlaceOrders"],"message":{"orders":"none"}}"""), Cancellation);

        await UntilWaitsAsync(system, $"{PlaceOrders.Endpoint}_error");
        await Deadline.UntilAsync(() => Task.FromResult(poisoned.Sum == 1), "it is counted once", cancellationToken: Cancellation);
        Assert.Equal(OrderStatus.Confirmed, (await system.OutcomeAsync(await system.OrderAsync())).Status);
    }

    [Fact]
    public async Task A_sku_that_is_gone_rejects_its_orders()
    {
        await using var system = await OrderSystem.StartAsync(servers);
        var order = new PlaceOrder(
            system.Service<OrderIds>().Next(), "gone", 1, null, "client:alice", "client:alice", null, TimeProvider.System.GetUtcNow());

        await system.Service<OrderQueue>().PublishAsync([order], null);

        Assert.Equal(RejectionReason.UnknownSku, (await system.OutcomeAsync(order.OrderId)).Reason);
    }

    private static Task<IConnection> ConnectAsync(OrderSystem system) =>
        new ConnectionFactory { Uri = new Uri(system.RabbitMq) }.CreateConnectionAsync(Cancellation);

    private static async Task UntilWaitsAsync(OrderSystem system, string queue)
    {
        await using var connection = await ConnectAsync(system);
        await Deadline.UntilAsync(
            async () =>
            {
                await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancellation);
                try
                {
                    return await channel.MessageCountAsync(queue, Cancellation) == 1;
                }
                catch (RabbitMQ.Client.Exceptions.OperationInterruptedException)
                {
                    // The bus declares it when it needs it.
                    return false;
                }
            },
            $"a message waits in {queue}", cancellationToken: Cancellation);
    }

    /// <summary>What a counter of this process has counted since.</summary>
    private sealed class Counted : IDisposable
    {
        private readonly MeterListener listener = new();
        private long sum;

        public Counted(string name)
        {
            listener.InstrumentPublished = (instrument, own) =>
            {
                if (instrument.Name == name)
                    own.EnableMeasurementEvents(instrument);
            };
            listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref sum, value));
            listener.Start();
        }

        public long Sum => Volatile.Read(ref sum);

        public void Dispose() => listener.Dispose();
    }
}
