using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Sluice.Contracts;
using Sluice.ItemApi.Orders;
using Sluice.ItemApi.Sales;
using Sluice.OrderWorker.Settlement;
using Sluice.Testing;

namespace Sluice.OrderTests.World;

/// <summary>A system of which settlement is called directly.</summary>
internal sealed class SettlementWorld : IAsyncDisposable
{
    private readonly OrderSystem system;
    private readonly IHost worker;

    private SettlementWorld(OrderSystem system, IHost worker) => (this.system, this.worker) = (system, worker);

    public static async Task<SettlementWorld> StartAsync(Servers servers)
    {
        var system = await OrderSystem.StartAsync(servers, workers: 0);
        return new SettlementWorld(system, await system.StartWorkerAsync());
    }

    /// <summary>A sale of a SKU of its own.</summary>
    public async Task<Run> OpenAsync(SettlementTests.Schedule schedule, int limit)
    {
        var sku = $"sku-{Guid.NewGuid():n}";
        var (sale, _) = await system.Service<SaleStore>().OpenAsync(
            new OpenSale(sku, schedule.Stock, null, null, limit, 1), TimeProvider.System.GetUtcNow().AddMinutes(-1), CancellationToken.None);
        var ids = schedule.Orders.Select(_ => system.Service<OrderIds>().Next()).ToArray();
        return new Run(system, worker.Services.GetRequiredService<Settler>(), sku,
            [.. schedule.Orders.Select((order, number) => new PlaceOrder(
                ids[number], sku, order.Quantity, sale, "client:shop", $"client:shop/{order.Buyer}", $"{order.Buyer}", TimeProvider.System.GetUtcNow()))]);
    }

    public ValueTask DisposeAsync() => system.DisposeAsync();

    internal sealed class Run(OrderSystem system, Settler settler, string sku, PlaceOrder[] orders)
    {
        public Task FollowAsync(SettlementTests.Occurrence step) => step switch
        {
            SettlementTests.Occurrence.Settle settle => settler.SettleAsync([.. settle.Orders.Select(number => orders[number])]),
            SettlementTests.Occurrence.Cancel cancel => system.Service<OrderStore>().CancelAsync(orders[cancel.Order].OrderId, CancellationToken.None),
            SettlementTests.Occurrence.Restock restock => system.Service<InventoryStore>().RestockAsync(sku, restock.Units, CancellationToken.None),
            _ => throw new ArgumentOutOfRangeException(nameof(step)),
        };

        public async Task<IReadOnlyDictionary<int, string>> OutcomesAsync()
        {
            var rows = await system.ReadAsync($"select id, status from orders where sku = '{sku}'", row => (Id: row.GetGuid(0), Status: row.GetString(1)));
            return rows.ToDictionary(row => Array.FindIndex(orders, order => order.OrderId == row.Id), row => row.Status);
        }

        public Task<long> StockAsync() => system.CountAsync($"select stock from inventory where sku = '{sku}'");

        public Task<long> DifferenceAsync() => system.CountAsync($"select difference from inventory_balance where sku = '{sku}'");
    }
}
