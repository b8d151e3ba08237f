using System.Diagnostics;
using System.Threading.Channels;
using Sluice.Contracts;

namespace Sluice.ItemApi.Orders;

/// <summary>
/// Publishes orders, each answered by the broker's confirm. Orders that come while a message is on its way travel together in the next:
/// a lone buyer waits for nobody, and a thousand share a few messages and confirms, in the order in which they came. Thread-safe.
/// </summary>
internal sealed class OrderPublisher : IAsyncDisposable
{
    private const int LargestMessage = 250;

    private readonly Channel<Arrival> arrivals = Channel.CreateUnbounded<Arrival>(new UnboundedChannelOptions { SingleReader = true });
    private readonly OrderQueue queue;
    private readonly QueuedOrders queued;
    private readonly Task pump;

    public OrderPublisher(OrderQueue queue, QueuedOrders queued)
    {
        (this.queue, this.queued) = (queue, queued);
        using (ExecutionContext.SuppressFlow())
            pump = Task.Run(PumpAsync);
    }

    /// <summary>Publishes an order that <see cref="QueuedOrders.TryEnter"/> has let in. Goes on to its end when the caller gives up.</summary>
    public Task<Publication> PublishAsync(PlaceOrder order)
    {
        var arrival = new Arrival(order, Activity.Current?.Id, new(TaskCreationOptions.RunContinuationsAsynchronously));
        ObjectDisposedException.ThrowIf(!arrivals.Writer.TryWrite(arrival), this);
        return arrival.Outcome.Task;
    }

    public async ValueTask DisposeAsync()
    {
        arrivals.Writer.TryComplete();
        await pump;
    }

    private async Task PumpAsync()
    {
        List<Arrival> message = [];
        while (await arrivals.Reader.WaitToReadAsync())
        {
            message.Clear();
            while (message.Count < LargestMessage && arrivals.Reader.TryRead(out var arrival))
                message.Add(arrival);
            await PublishAsync(message);
        }
    }

    private async Task PublishAsync(List<Arrival> message)
    {
        var outcome = Publication.NotSent;
        Exception? failure = null;
        queued.Leaving();
        try
        {
            outcome = await queue.PublishAsync([.. message.Select(arrival => arrival.Order)], message[0].ActivityId);
        }
        catch (Exception exception)
        {
            failure = exception;
        }

        // Before the answers: whoever has one must not find the order counted twice, or a refused one counted still.
        queued.Left(message.Count, isQueued: outcome == Publication.Confirmed);
        foreach (var arrival in message)
            if (failure is null)
                arrival.Outcome.SetResult(outcome);
            else
                arrival.Outcome.SetException(failure);
    }

    private sealed record Arrival(PlaceOrder Order, string? ActivityId, TaskCompletionSource<Publication> Outcome);
}
