using Npgsql;
using Sluice.Contracts;
using Sluice.ItemApi.Orders;
using Sluice.ItemApi.Sales;
using Sluice.OrderTests.World;
using Sluice.OrderWorker.Settlement;
using Sluice.Testing;

namespace Sluice.OrderTests;

public sealed class SettlementCostTests(Servers servers)
{
    private const string Sku = "popular";
    private const string Session = "settlement-cost";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_batch_is_settled_without_reading_through_the_orders_before_it()
    {
        await using var system = await OrderSystem.StartAsync(servers, workers: 0);
        var now = TimeProvider.System.GetUtcNow();
        var (sale, _) = await system.Service<SaleStore>().OpenAsync(new OpenSale(Sku, 100_000, null, null, 2, 1), now.AddMinutes(-1), Cancellation);
        await using var earlier = system.Database.CreateCommand(
            $"""
            insert into orders (id, sku, sale_id, quantity, client, buyer, price, status, placed_at)
            select gen_random_uuid(), '{Sku}', '{sale}', 1, 'ip:' || number, 'ip:' || number, 1, 'confirmed', now() from generate_series(1, 20000) as number
            """);
        await earlier.ExecuteNonQueryAsync(Cancellation);
        PlaceOrder[] batch = [.. Enumerable.Range(1, 200).Select(buyer =>
            new PlaceOrder(system.Service<OrderIds>().Next(), Sku, 2, sale, $"ip:{buyer}", $"ip:{buyer}", null, now))];

        await using (var own = NpgsqlDataSource.Create($"{system.Settings["ConnectionStrings:inventory"]};Application Name={Session}"))
        {
            var settled = await new SettlementStore(own).TrySettleAsync(Sku, batch, holdRow: false, Cancellation);
            Assert.All(settled!.Outcomes, outcome => Assert.Equal(RejectionReason.LimitPerBuyer, outcome.Reason));
        }

        // A session leaves its counts behind when it ends.
        await Deadline.UntilAsync(
            async () => await system.CountAsync($"select count(*) from pg_stat_activity where application_name = '{Session}'") == 0,
            "the session has ended", cancellationToken: Cancellation);
        var (passed, lookUps) = await ReadsAsync(system);
        Assert.Equal(0, passed);
        Assert.InRange(lookUps, 400, 1000);
    }

    /// <summary>Rows of orders that were read in passing, and look-ups in an index.</summary>
    private static async Task<(long Passed, long LookUps)> ReadsAsync(OrderSystem system) =>
        (await system.ReadAsync("select seq_tup_read, idx_scan from pg_stat_user_tables where relname = 'orders'", row => (row.GetInt64(0), row.GetInt64(1)))).Single();
}
