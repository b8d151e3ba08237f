using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
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
        await using var system = await OrderSystem.StartAsync(servers, workers: 0);
        using var poisoned = new Poisoned(await system.StartWorkerAsync());
        PlaceOrder[] orders = [.. Enumerable.Range(0, 10).Select(number => new PlaceOrder(
            system.Service<OrderIds>().Next(), "default", 1, null, "client:alice", number == 4 ? "a\0b" : "client:alice", null, TimeProvider.System.GetUtcNow()))];

        Assert.Equal(Publication.Confirmed, await system.Service<OrderQueue>().PublishAsync(orders, null));

        for (var number = 0; number < orders.Length; number++)
        {
            var order = await system.OutcomeAsync(orders[number].OrderId);
            Assert.Equal(number == 4 ? (OrderStatus.Rejected, RejectionReason.Failed) : (OrderStatus.Confirmed, null), (order.Status, order.Reason));
        }

        await UntilWaitAsync(system, "settle-alone_error", messages: 1);
        await Deadline.UntilAsync(() => Task.FromResult(poisoned.Sum == 1), "it is counted once", cancellationToken: Cancellation);
        Assert.Equal(9, (await system.BalanceAsync("default")).Sold);
    }

    [Fact]
    public async Task A_message_that_cannot_be_read_goes_to_the_error_queue()
    {
        await using var system = await OrderSystem.StartAsync(servers, workers: 0);
        using var poisoned = new Poisoned(await system.StartWorkerAsync());

        await using (var connection = await ConnectAsync(system))
        await using (var channel = await connection.CreateChannelAsync(cancellationToken: Cancellation))
            await channel.BasicPublishAsync(
                PlaceOrders.Endpoint, "", mandatory: true, new BasicProperties { ContentType = "application/vnd.masstransit+json" },
                Encoding.UTF8.GetBytes("""{"messageType":["urn:message:Sluice.Contracts:PlaceOrders"],"message":{"orders":"none"}}"""), Cancellation);

        await UntilWaitAsync(system, $"{PlaceOrders.Endpoint}_error", messages: 1);
        await Deadline.UntilAsync(() => Task.FromResult(poisoned.Sum == 1), "it is counted once", cancellationToken: Cancellation);
        Assert.Equal(OrderStatus.Confirmed, (await system.OutcomeAsync(await system.OrderAsync())).Status);
    }

    [Fact]
    public async Task What_a_worker_has_in_hand_when_it_stops_is_not_poisoned()
    {
        await using var system = await OrderSystem.StartAsync(servers, 0, OrderSystem.OneBatchOf(2));
        await system.OrderAsync();
        var worker = await system.StartWorkerAsync();
        using var poisoned = new Poisoned(worker);
        await UntilWaitAsync(system, PlaceOrders.Endpoint, messages: 0);

        await system.StopWorkerAsync(worker);

        Assert.Equal(0, poisoned.Sum);
    }

    [Fact]
    public async Task A_sku_that_is_gone_rejects_its_orders()
    {
        await using var system = await OrderSystem.StartAsync(servers);
        var order = new PlaceOrder(
            system.Service<OrderIds>().Next(), "gone", 1, null, "client:alice", "client:alice", null, TimeProvider.System.GetUtcNow());

        Assert.Equal(Publication.Confirmed, await system.Service<OrderQueue>().PublishAsync([order], null));

        Assert.Equal(RejectionReason.UnknownSku, (await system.OutcomeAsync(order.OrderId)).Reason);
    }

    private static Task<IConnection> ConnectAsync(OrderSystem system) =>
        new ConnectionFactory { Uri = new Uri(system.RabbitMq) }.CreateConnectionAsync(Cancellation);

    private static async Task UntilWaitAsync(OrderSystem system, string queue, int messages)
    {
        await using var connection = await ConnectAsync(system);
        await Deadline.UntilAsync(
            async () =>
            {
                await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancellation);
                try
                {
                    return await channel.MessageCountAsync(queue, Cancellation) == messages;
                }
                catch (RabbitMQ.Client.Exceptions.OperationInterruptedException)
                {
                    // The bus declares it when it needs it.
                    return false;
                }
            },
            $"{messages} messages wait in {queue}", cancellationToken: Cancellation);
    }

    /// <summary>What a worker has counted since, whatever others in this process count.</summary>
    private sealed class Poisoned : IDisposable
    {
        private readonly MeterListener listener = new();
        private long sum;

        public Poisoned(IHost worker)
        {
            var meters = worker.Services.GetRequiredService<IMeterFactory>();
            listener.InstrumentPublished = (instrument, own) =>
            {
                if (instrument.Name == "sluice.order.poisoned" && instrument.Meter.Scope == meters)
                    own.EnableMeasurementEvents(instrument);
            };
            listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref sum, value));
            listener.Start();
        }

        public long Sum => Volatile.Read(ref sum);

        public void Dispose() => listener.Dispose();
    }
}
