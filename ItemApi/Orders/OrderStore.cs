using Npgsql;
using Sluice.Contracts;

namespace Sluice.ItemApi.Orders;

/// <summary>An order that has an outcome, and who placed it.</summary>
internal readonly record struct SettledOrder(OrderSnapshot Order, string Client);

/// <summary>Reads orders that have an outcome, and cancels them.</summary>
internal sealed class OrderStore(NpgsqlDataSource database)
{
    private const string Select = """
        select id, status, reason, sku, quantity, price, sale_id, coalesce(buyer_name, client), placed_at, settled_at, cancelled_at, client from orders
        """;

    // The order's row lets only one cancellation through, and the stock goes back in the same statement.
    private const string Cancel = """
        with cancelled as (
          update orders set status = 'cancelled', cancelled_at = clock_timestamp()
          where id = $1 and status = 'confirmed'
            and not exists (select from sales where sales.id = orders.sale_id and sales.ends_at <= clock_timestamp())
          returning sku, quantity
        )
        update inventory set stock = stock + cancelled.quantity, version = version + 1
        from cancelled where inventory.sku = cancelled.sku
        """;

    public async Task<SettledOrder?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"{Select} where id = $1");
        command.Parameters.Add(new() { Value = id });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
    }

    public async Task<List<SettledOrder>> FindAsync(Guid[] ids, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"{Select} where id = any ($1)");
        command.Parameters.Add(new() { Value = ids });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<SettledOrder> found = [];
        while (await reader.ReadAsync(cancellationToken))
            found.Add(Read(reader));
        return found;
    }

    /// <returns>False where the order is not confirmed, or its sale is over.</returns>
    public async Task<bool> CancelAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Cancel);
        command.Parameters.Add(new() { Value = id });
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private static SettledOrder Read(NpgsqlDataReader row) => new(
        new OrderSnapshot(
            row.GetGuid(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetString(2), row.GetString(3), row.GetInt32(4), row.GetDecimal(5),
            row.IsDBNull(6) ? null : row.GetGuid(6), row.GetString(7), row.GetFieldValue<DateTimeOffset>(8), row.GetFieldValue<DateTimeOffset>(9),
            row.IsDBNull(10) ? null : row.GetFieldValue<DateTimeOffset>(10)),
        row.GetString(11));
}
