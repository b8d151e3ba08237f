using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Sluice.Contracts;
using Sluice.OrderWorker.Settlement;

namespace Sluice.Bench.Orders;

/// <summary>
/// One hot SKU, settled by workers as they do it, in batches, next to one order per transaction with optimistic locking: read the
/// version, update where the version is unchanged, insert; else again.
/// </summary>
internal static class SettlementBench
{
    private const int BatchSize = 200;
    private const int Workers = 2;
    private const int Batched = 40_000;
    private const int OneByOne = 4_000;
    private static readonly int[] clients = [1, 2, 8];

    public static async Task RunAsync(string inventory)
    {
        await using var database = NpgsqlDataSource.Create(inventory);
        var store = new SettlementStore(database);
        var batched = await MeasureAsync(database, "batched", Batched, Workers, BatchSize, async orders =>
        {
            while (await store.TrySettleAsync("batched", orders, holdRow: false, CancellationToken.None) is null)
                await Task.Yield();
        });
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"settlement in batches of {BatchSize}, {Workers} workers: {batched:N0} orders/s"));
        foreach (var count in clients)
        {
            var alone = await MeasureAsync(database, $"alone-{count}", OneByOne, count, 1, async orders =>
            {
                while (!await TrySettleAsync(database, orders[0]))
                    await Task.Yield();
            });
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"one order per transaction, {count} at once: {alone:N0} orders/s; batches x{batched / alone:0.0}"));
        }
    }

    private static async Task<double> MeasureAsync(
        NpgsqlDataSource database, string sku, int count, int workers, int batchSize, Func<IReadOnlyList<PlaceOrder>, Task> settle)
    {
        await using (var add = database.CreateCommand("insert into inventory (sku, stock, price) values ($1, $2, 1)"))
        {
            add.Parameters.Add(new() { Value = sku });
            add.Parameters.Add(new() { Value = (long)count });
            await add.ExecuteNonQueryAsync();
        }

        var batches = Enumerable.Range(0, count)
            .Select(number => new PlaceOrder(Guid.CreateVersion7(), sku, 1, null, $"ip:{number}", $"ip:{number}", null, TimeProvider.System.GetUtcNow()))
            .Chunk(batchSize).ToList();
        var next = -1;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) is var number && number < batches.Count)
                await settle(batches[number]);
        })));
        return count / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task<bool> TrySettleAsync(NpgsqlDataSource database, PlaceOrder order)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var read = new NpgsqlCommand("select version from inventory where sku = $1 and stock > 0", connection) { Parameters = { new() { Value = order.Sku } } };
        var version = (long)(await read.ExecuteScalarAsync())!;
        await using var update = new NpgsqlCommand("update inventory set stock = stock - 1, version = version + 1 where sku = $1 and version = $2", connection)
        {
            Parameters = { new() { Value = order.Sku }, new() { Value = version } },
        };
        if (await update.ExecuteNonQueryAsync() == 0)
            return false;
        await using var insert = new NpgsqlCommand(
            "insert into orders (id, sku, quantity, client, buyer, price, status, placed_at) values ($1, $2, 1, $3, $4, 1, 'confirmed', $5)", connection)
        {
            Parameters =
            {
                new() { Value = order.OrderId }, new() { Value = order.Sku }, new() { Value = order.Client }, new() { Value = order.Buyer }, new() { Value = order.PlacedAt },
            },
        };
        await insert.ExecuteNonQueryAsync();
        await transaction.CommitAsync();
        return true;
    }
}
