using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Sluice.Contracts;

namespace Sluice.OrderWorker.Settlement;

/// <summary>Settles orders in the order of their arrival, SKU by SKU, each SKU's in one transaction. While PostgreSQL is away it waits. Thread-safe.</summary>
internal sealed partial class Settler(
    SettlementStore store, SoldOutMark soldOut, SettlementMetrics metrics, IOptions<OrderWorkerOptions> options, TimeProvider time,
    IHostApplicationLifetime lifetime, ILogger<Settler> logger)
{
    private const int LongestJitterMs = 32;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    /// <exception cref="PostgresException">The orders, or one of them, cannot be stored as they are.</exception>
    public async Task SettleAsync(IReadOnlyList<PlaceOrder> orders)
    {
        foreach (var same in orders.GroupBy(order => order.Sku, StringComparer.Ordinal))
            await SettleAsync(same.Key, [.. same]);
    }

    /// <summary>Gives an order that cannot be settled an outcome, so that its buyer sees one.</summary>
    /// <exception cref="PostgresException">Not even that can be stored.</exception>
    public async Task FailAsync(PlaceOrder order)
    {
        await OnceThereAsync(async () =>
        {
            await store.FailAsync(order, CancellationToken.None);
            return true;
        });
    }

    private async Task SettleAsync(string sku, IReadOnlyList<PlaceOrder> orders)
    {
        using var activity = SettlementMetrics.Activities.StartActivity("order.batch.settle");
        activity?.SetTag("sluice.sku", sku).SetTag("sluice.orders", orders.Count);
        for (var conflicts = 0; ; conflicts++)
        {
            var started = time.GetTimestamp();
            var holdRow = conflicts >= options.Value.MaxConflicts;
            if (await OnceThereAsync(() => store.TrySettleAsync(sku, orders, holdRow, CancellationToken.None)) is { } settled)
            {
                metrics.Settled(settled.Outcomes, time.GetElapsedTime(started), time.GetUtcNow());
                if (settled is { Left: 0, Version: > 0 })
                    soldOut.Set(sku, settled.Version);
                return;
            }

            metrics.Conflict();
            await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(1, Math.Min(2 << conflicts, LongestJitterMs) + 1)), time, CancellationToken.None);
        }
    }

    private async Task<T> OnceThereAsync<T>(Func<Task<T>> work)
    {
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                return await work();
            }
            catch (Exception exception) when (IsPassing(exception))
            {
                if (pause == FirstPause)
                    LogWaiting(exception.Message);
            }

            await HoldIfStoppingAsync();
            await Task.Delay(pause, time, CancellationToken.None);
        }
    }

    /// <summary>
    /// Whoever stops now must not answer for the orders: an exception would bring them to the error queue. They stay unacknowledged, and
    /// when the connection is gone the broker hands them to somebody else.
    /// </summary>
    private Task HoldIfStoppingAsync() =>
        lifetime.ApplicationStopping.IsCancellationRequested ? Task.Delay(Timeout.InfiniteTimeSpan, time, CancellationToken.None) : Task.CompletedTask;

    /// <summary>It is not the orders' fault: a lost server, a deadlock, a full disk, a schema that isn't there yet.</summary>
    private static bool IsPassing(Exception exception) =>
        exception is NpgsqlException and not PostgresException or TimeoutException
        || (exception is PostgresException { SqlState: { } state } && !IsOfTheData(state));

    /// <summary>Data exceptions, broken constraints, values too large.</summary>
    public static bool IsOfTheData(string sqlState) =>
        sqlState.StartsWith("22", StringComparison.Ordinal) || sqlState.StartsWith("23", StringComparison.Ordinal) || sqlState.StartsWith("54", StringComparison.Ordinal);

    [LoggerMessage(1, LogLevel.Warning, "Waiting for the database: {Reason}", EventName = "WaitingForDatabase")]
    private partial void LogWaiting(string reason);
}
