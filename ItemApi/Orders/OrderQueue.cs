using System.Text.Json;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Sluice.Contracts;
using Sluice.ServiceDefaults.Messaging;

namespace Sluice.ItemApi.Orders;

/// <summary>
/// The queue of orders, from the side that fills it. It speaks to the broker without the bus, for whom a lost broker is something to wait
/// for: a buyer is told at once. The queue is declared here as the workers' bus declares it, so that orders are kept from the first one on,
/// whether a worker has ever run or not. Thread-safe.
/// </summary>
internal sealed partial class OrderQueue(
    BrokerConnection broker, QueuedOrders queued, IOptions<OrderOptions> options, TimeProvider time, ILogger<OrderQueue> logger) : BackgroundService
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(2);
    private static readonly CreateChannelOptions Confirming = new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);
    private static readonly string[] MessageType = [$"urn:message:{typeof(PlaceOrders).Namespace}:{nameof(PlaceOrders)}"];

    private volatile OrderChannels? open;
    private bool isAway;

    /// <summary>Whether a message would leave now.</summary>
    public bool IsOpen => open is { IsUsable: true };

    /// <summary>Connects before the first request where the broker is there, and goes on without where it isn't.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(StartPatience);
        try
        {
            await LookAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            LogAway(broker.Address.Host, broker.Address.Port, "it does not answer");
        }

        await base.StartAsync(cancellationToken);
    }

    public async Task<Publication> PublishAsync(IReadOnlyList<PlaceOrder> orders, string? activityId)
    {
        if (open is not { IsUsable: true } channels)
            return Publication.NotSent;

        var id = Guid.CreateVersion7(time.GetUtcNow());
        var properties = new BasicProperties
        {
            ContentType = "application/vnd.masstransit+json",
            DeliveryMode = DeliveryModes.Persistent,
            MessageId = id.ToString(),
            Headers = activityId is null ? null : new Dictionary<string, object?> { ["MT-Activity-Id"] = activityId },
        };
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new Envelope(id, MessageType, new PlaceOrders(orders), time.GetUtcNow()), EnvelopeJson.Default.Envelope);
        using var patience = new CancellationTokenSource(options.Value.PublishTimeout, time);
        try
        {
            // Mandatory: a broker that lost the queue must not confirm what it throws away.
            await channels.Publishing.BasicPublishAsync(PlaceOrders.Endpoint, "", mandatory: true, properties, body, patience.Token)
                .AsTask().WaitAsync(patience.Token);
            return Publication.Confirmed;
        }
        catch (PublishException e) when (e.IsReturn)
        {
            // There is no queue any more.
            channels.IsLost = true;
            return Publication.NotSent;
        }
        catch (Exception e) when (BrokerConnection.IsAway(e) || e is OperationCanceledException or ObjectDisposedException)
        {
            // Whoever comes next shall not wait as long for a broker that is silent.
            channels.IsLost = true;
            LogNoConfirm(orders.Count, e.Message);
            return Publication.Unknown;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.QueueInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            await LookAsync(stoppingToken);
    }

    /// <summary>Asks how long the queue is, over new channels where the last were lost.</summary>
    private async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (open is not { IsOpen: true } channels)
            {
                if (Interlocked.Exchange(ref open, null) is { } lost)
                    await lost.DisposeAsync();
                open = channels = await OpenAsync(cancellationToken);
                LogConnected(broker.Address.Host, broker.Address.Port);
                isAway = false;
            }

            var published = queued.Published;
            queued.Seen(published, await channels.Asking.MessageCountAsync(PlaceOrders.Endpoint, cancellationToken));
        }
        catch (Exception e) when (BrokerConnection.IsAway(e) || e is ObjectDisposedException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            open?.IsLost = true;
            if (!isAway)
                LogAway(broker.Address.Host, broker.Address.Port, e.GetBaseException().Message);
            isAway = true;
        }
    }

    private async Task<OrderChannels> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = await broker.OpenAsync(cancellationToken);
        var asking = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        try
        {
            await DeclareAsync(asking, cancellationToken);
            return new OrderChannels(connection, asking, await connection.CreateChannelAsync(Confirming, cancellationToken));
        }
        catch
        {
            // Not awaited: a broker that is slow to declare is as slow to close.
            _ = asking.DisposeAsync().AsTask();
            throw;
        }
    }

    private static async Task DeclareAsync(IChannel asking, CancellationToken cancellationToken)
    {
        await asking.ExchangeDeclareAsync(PlaceOrders.Endpoint, ExchangeType.Fanout, durable: true, cancellationToken: cancellationToken);
        await asking.QueueDeclareAsync(
            PlaceOrders.Endpoint, durable: true, exclusive: false, autoDelete: false,
            new Dictionary<string, object?> { ["x-queue-type"] = "quorum", ["x-delivery-limit"] = MessagingExtensions.DeliveryLimit },
            cancellationToken: cancellationToken);
        await asking.QueueBindAsync(PlaceOrders.Endpoint, PlaceOrders.Endpoint, "", cancellationToken: cancellationToken);
    }

    [LoggerMessage(1, LogLevel.Information, "Orders go to RabbitMQ at {Host}:{Port}", EventName = "OrderQueueOpen")]
    private partial void LogConnected(string host, int port);

    [LoggerMessage(2, LogLevel.Warning, "No order is accepted: RabbitMQ at {Host}:{Port} is away: {Reason}", EventName = "OrderQueueAway")]
    private partial void LogAway(string host, int port, string reason);

    [LoggerMessage(3, LogLevel.Warning, "{Orders} orders were published and not confirmed: {Reason}", EventName = "OrdersNotConfirmed")]
    private partial void LogNoConfirm(int orders, string reason);
}
