using MassTransit;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Sluice.Testing;

namespace Sluice.ImportTests.World;

/// <summary>The queues of the imports, seen from outside.</summary>
internal static class Broker
{
    private static readonly string[] queues = ["discover-import", "fetch-item-detail", "fetch-day"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Loses all messages that nobody has read.</summary>
    public static Task PurgeAsync(ImportSystem system) => ForEachQueueAsync(system, async (channel, queue) =>
    {
        await channel.QueuePurgeAsync(queue, Cancellation);
        return true;
    });

    /// <summary>Waits until every message has been read.</summary>
    public static Task UntilEmptyAsync(ImportSystem system) => Deadline.UntilAsync(
        () => ForEachQueueAsync(system, async (channel, queue) => (await channel.QueueDeclarePassiveAsync(queue, Cancellation)).MessageCount == 0),
        "the queues are empty", cancellationToken: Cancellation);

    public static Task PublishAsync<T>(this IBus bus, params T[] messages) where T : class => bus.PublishBatch(messages, Cancellation);

    private static async Task<bool> ForEachQueueAsync(ImportSystem system, Func<IChannel, string, Task<bool>> work)
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(system.Settings["ConnectionStrings:rabbitmq"]!) }.CreateConnectionAsync(Cancellation);
        var all = true;
        foreach (var queue in queues)
        {
            await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancellation);
            try
            {
                all &= await work(channel, queue);
            }
            catch (OperationInterruptedException)
            {
                // There is no such queue yet, so nothing is in it.
            }
        }

        return all;
    }
}
