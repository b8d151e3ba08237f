using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Npgsql;
using Sluice.Contracts;

namespace Sluice.ItemApi.Orders;

/// <summary>Waits for the outcomes of orders, for any number of watchers with one query at a time. Thread-safe.</summary>
internal sealed partial class OrderWatch(OrderStore store, IOptions<OrderOptions> options, TimeProvider time, ILogger<OrderWatch> logger) : BackgroundService
{
    private readonly ConcurrentDictionary<Watcher, byte> watchers = new(ReferenceEqualityComparer.Instance);

    /// <returns>The order once it has an outcome; null where it has none after so long.</returns>
    public async Task<OrderSnapshot?> OutcomeAsync(Guid id, TimeSpan patience, CancellationToken cancellationToken)
    {
        var watcher = new Watcher(id);
        watchers.TryAdd(watcher, 0);
        try
        {
            return await watcher.Outcome.Task.WaitAsync(patience, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return null;
        }
        finally
        {
            watchers.TryRemove(watcher, out _);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.WatchInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (watchers.IsEmpty)
                continue;
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (NpgsqlException exception)
            {
                LogNotSeen(exception.Message);
            }
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var watched = watchers.Keys.ToLookup(watcher => watcher.Id);
        foreach (var settled in await store.FindAsync([.. watched.Select(same => same.Key)], cancellationToken))
            foreach (var watcher in watched[settled.Order.OrderId])
                watcher.Outcome.TrySetResult(settled.Order);
    }

    private sealed record Watcher(Guid Id)
    {
        public TaskCompletionSource<OrderSnapshot> Outcome { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    [LoggerMessage(1, LogLevel.Warning, "The orders that are watched could not be looked at: {Reason}", EventName = "OrdersNotWatched")]
    private partial void LogNotSeen(string reason);
}
