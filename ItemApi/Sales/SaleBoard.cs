using System.Collections.Frozen;
using Microsoft.Extensions.Options;
using Npgsql;
using Sluice.ItemApi.Orders;

namespace Sluice.ItemApi.Sales;

/// <summary>
/// What the intake goes by, kept in this process: SKUs and sales from PostgreSQL, sold-out marks from Redis, both read again and again. While
/// either is away, what was known last counts. Thread-safe.
/// </summary>
internal sealed partial class SaleBoard(
    InventoryStore store, SoldOutMarks marks, IOptions<OrderOptions> options, TimeProvider time, ILogger<SaleBoard> logger) : BackgroundService
{
    private volatile FrozenDictionary<string, SkuFacts> facts = FrozenDictionary<string, SkuFacts>.Empty;
    private volatile IReadOnlyDictionary<string, long> soldOut = FrozenDictionary<string, long>.Empty;
    private readonly Lock sync = new();
    private long asked;
    private long known;
    private bool isAway;

    /// <summary>Null where the SKU is unknown, or so new that only a look-up finds it.</summary>
    public SkuFacts? Find(string sku) => facts.GetValueOrDefault(sku);

    public async Task<SkuFacts?> LookUpAsync(string sku, CancellationToken cancellationToken) =>
        (await store.FactsAsync(sku, cancellationToken)).SingleOrDefault();

    /// <summary>Of the two that tell it, the one that saw the later version is right.</summary>
    public bool IsSoldOut(SkuFacts sku) => sku.Stock == 0 || soldOut.GetValueOrDefault(sku.Sku) > sku.Version;

    /// <summary>Makes stock that has come be known here at once.</summary>
    public async Task StockCameAsync(string sku, CancellationToken cancellationToken)
    {
        await marks.ClearAsync(sku);
        await ReadFactsAsync(cancellationToken);
    }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await ReadFactsAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    public async Task ReadFactsAsync(CancellationToken cancellationToken)
    {
        var number = Interlocked.Increment(ref asked);
        var read = (await store.FactsAsync(null, cancellationToken)).ToFrozenDictionary(sku => sku.Sku, StringComparer.Ordinal);

        // What was asked for earlier and comes later may be from before the stock came.
        lock (sync)
        {
            if (number > known)
                (facts, known) = (read, number);
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(FollowFactsAsync(stoppingToken), FollowMarksAsync(stoppingToken));

    private async Task FollowFactsAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(options.Value.FactsInterval, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            try
            {
                var marked = soldOut;
                await ReadFactsAsync(cancellationToken);
                isAway = false;
                await CorrectAsync(marked);
            }
            catch (NpgsqlException exception)
            {
                if (!isAway)
                    LogAway(exception.Message);
                isAway = true;
            }
        }
    }

    /// <summary>A mark of a version that PostgreSQL, read after it, has not come to is from another life.</summary>
    private async Task CorrectAsync(IReadOnlyDictionary<string, long> marked)
    {
        foreach (var (sku, version) in marked)
            if (Find(sku) is { } known && version > known.Version)
                await marks.ClearAsync(sku);
    }

    private async Task FollowMarksAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(options.Value.SoldOutInterval, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
            soldOut = await marks.ReadAsync(cancellationToken) ?? soldOut;
    }

    [LoggerMessage(1, LogLevel.Warning, "Stock and sales cannot be read, what was known last counts: {Reason}", EventName = "SalesNotRead")]
    private partial void LogAway(string reason);
}
