using System.Threading.Channels;
using Npgsql;
using NpgsqlTypes;
using Sluice.Contracts;

namespace Sluice.ItemApi.Orders;

/// <summary>
/// Takes back orders whose buyers were refused because no confirm came: the broker may have them all the same. A row in place of the order
/// keeps workers from settling it; one that is settled already is cancelled. While PostgreSQL is away, so that a row cannot be written, they
/// are kept here; only if this process dies meanwhile may an order stand of which its buyer does not know.
/// </summary>
internal sealed partial class Withdrawals(NpgsqlDataSource database, TimeProvider time, ILogger<Withdrawals> logger) : BackgroundService
{
    private const int LargestBatch = 500;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Channel<PlaceOrder> orders = Channel.CreateUnbounded<PlaceOrder>(new UnboundedChannelOptions { SingleReader = true });

    private const string Insert = """
        insert into orders (id, sku, quantity, client, buyer, buyer_name, price, status, reason, placed_at)
        select id, sku, quantity, client, buyer, buyer_name, 0, 'rejected', 'not_accepted', placed_at
        from unnest($1, $2, $3, $4, $5, $6, $7) as refused (id, sku, quantity, client, buyer, buyer_name, placed_at)
        on conflict (id) do nothing
        """;

    private const string Cancel = """
        with cancelled as (
          update orders set status = 'cancelled', cancelled_at = clock_timestamp() where id = any ($1) and status = 'confirmed' returning sku, quantity
        )
        update inventory set stock = stock + returned.quantity, version = version + 1
        from (select sku, sum(quantity) as quantity from cancelled group by sku) as returned where returned.sku = inventory.sku
        """;

    public void Add(PlaceOrder order) => orders.Writer.TryWrite(order);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        List<PlaceOrder> batch = [];
        while (await orders.Reader.WaitToReadAsync(stoppingToken))
        {
            batch.Clear();
            while (batch.Count < LargestBatch && orders.Reader.TryRead(out var order))
                batch.Add(order);
            while (!await TryWithdrawAsync(batch, stoppingToken))
                await Task.Delay(Pause, time, stoppingToken);
        }
    }

    private async Task<bool> TryWithdrawAsync(List<PlaceOrder> refused, CancellationToken cancellationToken)
    {
        try
        {
            await using var batch = database.CreateBatch();
            batch.BatchCommands.Add(new(Insert)
            {
                Parameters =
                {
                    new() { Value = refused.Select(order => order.OrderId).ToArray() },
                    new() { Value = refused.Select(order => order.Sku).ToArray() },
                    new() { Value = refused.Select(order => order.Quantity).ToArray() },
                    new() { Value = refused.Select(order => order.Client).ToArray() },
                    new() { Value = refused.Select(order => order.Buyer).ToArray() },
                    new() { Value = refused.Select(order => order.BuyerName).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
                    new() { Value = refused.Select(order => order.PlacedAt).ToArray() },
                },
            });
            batch.BatchCommands.Add(new(Cancel) { Parameters = { new() { Value = refused.Select(order => order.OrderId).ToArray() } } });
            await batch.ExecuteNonQueryAsync(cancellationToken);
            LogWithdrawn(refused.Count);
            return true;
        }
        catch (NpgsqlException exception)
        {
            LogNotWithdrawn(refused.Count, exception.Message);
            return false;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "{Orders} orders without a confirm are withdrawn", EventName = "OrdersWithdrawn")]
    private partial void LogWithdrawn(int orders);

    [LoggerMessage(2, LogLevel.Warning, "{Orders} orders without a confirm could not be withdrawn and will be: {Reason}", EventName = "OrdersNotWithdrawn")]
    private partial void LogNotWithdrawn(int orders, string reason);
}
