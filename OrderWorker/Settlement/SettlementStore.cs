using Npgsql;
using NpgsqlTypes;
using Sluice.Contracts;

namespace Sluice.OrderWorker.Settlement;

/// <summary>A batch as it was settled.</summary>
/// <param name="Left">Units left of the SKU, and the version of the inventory at which that many were.</param>
internal sealed record SettledBatch(IReadOnlyList<Outcome> Outcomes, long Left, long Version);

/// <summary>Reads what a batch of one SKU is settled by, and writes what came of it: two round trips, however many orders there are.</summary>
internal sealed class SettlementStore(NpgsqlDataSource database)
{
    private const string SelectStock = "select version, stock from inventory where sku = $1";

    // Each order and buyer is looked up by itself: joined as sets, the planner would rather read a sale of tens of thousands from end to end.
    private const string SelectSettled = """
        select asked.id from unnest($1) as asked (id) cross join lateral (select from orders where orders.id = asked.id limit 1) as known
        """;

    private const string SelectLimits = "select id, limit_per_buyer from sales where id = any ($1) and limit_per_buyer is not null";

    private const string SelectUnits = """
        select asked.sale_id, asked.buyer, confirmed.units
        from (select distinct sale_id, buyer from unnest($1, $2) as asked (sale_id, buyer)) as asked
        join sales on sales.id = asked.sale_id and sales.limit_per_buyer is not null
        cross join lateral (
          select coalesce(sum(quantity), 0)::bigint as units from orders
          where orders.sale_id = asked.sale_id and orders.buyer = asked.buyer and orders.status = 'confirmed') as confirmed
        """;

    // The one version check of the batch. Where it fails there is nothing to insert for.
    private const string Charge = """
        update inventory set stock = stock - $11, version = version + 1 where sku = $1 and version = $12 returning price
        """;

    // Rejections alone take nothing, so there is nothing that they could conflict with.
    private const string Price = "select coalesce((select price from inventory where sku = $1), 0) as price";

    private const string Insert = """
        insert into orders (id, sku, sale_id, quantity, client, buyer, buyer_name, price, status, reason, placed_at)
        select settled.id, $1, settled.sale_id, settled.quantity, settled.client, settled.buyer, settled.buyer_name,
          coalesce(sales.price, charged.price), settled.status, settled.reason, settled.placed_at
        from charged
        cross join unnest($2, $3, $4, $5, $6, $7, $8, $9, $10) with ordinality as settled
          (id, sale_id, quantity, client, buyer, buyer_name, status, reason, placed_at, number)
        left join sales on sales.id = settled.sale_id
        order by settled.number
        """;

    private const string Settle = $"with charged as ({Charge}) {Insert}";
    private const string Reject = $"with charged as ({Price}) {Insert}";

    /// <param name="holdRow">Keep everybody else from changing the stock meanwhile.</param>
    /// <returns>Null where somebody did, or settled one of the orders: then nothing is written.</returns>
    public async Task<SettledBatch?> TrySettleAsync(string sku, IReadOnlyList<PlaceOrder> orders, bool holdRow, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = holdRow ? await connection.BeginTransactionAsync(cancellationToken) : null;
        var state = await ReadAsync(connection, sku, orders, holdRow, cancellationToken);
        var outcomes = state.Decide(orders);
        var units = outcomes.Where(outcome => outcome.IsConfirmed).Sum(outcome => (long)outcome.Order.Quantity);
        if (outcomes.Count > 0 && !await TryWriteAsync(connection, sku, outcomes, units, state.Version, cancellationToken))
            return null;
        if (transaction is not null)
            await transaction.CommitAsync(cancellationToken);
        return new SettledBatch(outcomes, state.Stock - units, (state.Version ?? 0) + (units > 0 ? 1 : 0));
    }

    /// <summary>Gives an order that cannot be settled an outcome, unless it has one.</summary>
    public async Task FailAsync(PlaceOrder order, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            insert into orders (id, sku, sale_id, quantity, client, buyer, price, status, reason, placed_at)
            values ($1, $2, $3, $4, $5, $6, 0, 'rejected', 'failed', $7) on conflict (id) do nothing
            """);
        command.Parameters.Add(new() { Value = order.OrderId });
        command.Parameters.Add(new() { Value = Storable(order.Sku) });
        command.Parameters.Add(new() { Value = (object?)order.SaleId ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
        command.Parameters.Add(new() { Value = order.Quantity });
        command.Parameters.Add(new() { Value = Storable(order.Client) });
        command.Parameters.Add(new() { Value = Storable(order.Buyer) });
        command.Parameters.Add(new() { Value = order.PlacedAt.ToUniversalTime() });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<SkuState> ReadAsync(
        NpgsqlConnection connection, string sku, IReadOnlyList<PlaceOrder> orders, bool holdRow, CancellationToken cancellationToken)
    {
        var inSales = orders.Where(order => order.SaleId is not null).ToList();
        await using var batch = new NpgsqlBatch(connection);

        // The version first: what changes after it was read makes the write fail, what changed before is seen.
        batch.BatchCommands.Add(Command(holdRow ? $"{SelectStock} for update" : SelectStock, sku));
        batch.BatchCommands.Add(Command(SelectSettled, orders.Select(order => order.OrderId).ToArray()));
        if (inSales.Count > 0)
        {
            batch.BatchCommands.Add(Command(SelectLimits, inSales.Select(order => order.SaleId!.Value).Distinct().ToArray()));
            batch.BatchCommands.Add(Command(
                SelectUnits, inSales.Select(order => order.SaleId!.Value).ToArray(), inSales.Select(order => order.Buyer).ToArray()));
        }

        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var (version, stock) = await reader.ReadAsync(cancellationToken) ? ((long?)reader.GetInt64(0), reader.GetInt64(1)) : (null, 0);
        HashSet<Guid> settled = [];
        await ForEachAsync(row => settled.Add(row.GetGuid(0)));
        Dictionary<Guid, int> limits = [];
        Dictionary<(Guid, string), long> units = [];
        if (inSales.Count > 0)
        {
            await ForEachAsync(row => limits.Add(row.GetGuid(0), row.GetInt32(1)));
            await ForEachAsync(row => units.Add((row.GetGuid(0), row.GetString(1)), row.GetInt64(2)));
        }

        return new SkuState(version, stock, limits, units, settled);

        async Task ForEachAsync(Action<NpgsqlDataReader> read)
        {
            await reader.NextResultAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
                read(reader);
        }
    }

    private static async Task<bool> TryWriteAsync(
        NpgsqlConnection connection, string sku, IReadOnlyList<Outcome> outcomes, long units, long? version, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(units > 0 ? Settle : Reject, connection);
        var parameters = command.Parameters;
        parameters.Add(new() { Value = sku });
        AddColumn(outcome => outcome.Order.OrderId, NpgsqlDbType.Uuid);
        AddColumn(outcome => outcome.Order.SaleId, NpgsqlDbType.Uuid);
        AddColumn(outcome => outcome.Order.Quantity, NpgsqlDbType.Integer);
        AddColumn(outcome => outcome.Order.Client, NpgsqlDbType.Text);
        AddColumn(outcome => outcome.Order.Buyer, NpgsqlDbType.Text);
        AddColumn(outcome => outcome.Order.BuyerName, NpgsqlDbType.Text);
        AddColumn(outcome => outcome.Status, NpgsqlDbType.Text);
        AddColumn(outcome => outcome.Reason, NpgsqlDbType.Text);
        AddColumn(outcome => outcome.Order.PlacedAt.ToUniversalTime(), NpgsqlDbType.TimestampTz);
        if (units > 0)
        {
            parameters.Add(new() { Value = units });
            parameters.Add(new() { Value = version!.Value });
        }

        try
        {
            return await command.ExecuteNonQueryAsync(cancellationToken) > 0;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return false;
        }

        void AddColumn<T>(Func<Outcome, T> value, NpgsqlDbType type) =>
            parameters.Add(new() { Value = outcomes.Select(value).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | type });
    }

    private static NpgsqlBatchCommand Command(string sql, params object[] values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        return command;
    }

    private static string Storable(string? text) => text?.Replace("\0", "", StringComparison.Ordinal) ?? "";
}
