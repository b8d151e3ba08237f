using Npgsql;
using NpgsqlTypes;
using Sluice.Contracts;

namespace Sluice.ItemApi.Sales;

/// <summary>Reads what is for sale, and adds to it.</summary>
internal sealed class InventoryStore(NpgsqlDataSource database)
{
    private const string SelectFacts = """
        select inventory.sku, inventory.stock, inventory.version, inventory.price, sale.id, sale.starts_at, sale.ends_at
        from inventory
        left join lateral (
          select id, starts_at, ends_at from sales where sales.sku = inventory.sku
          order by
            coalesce(ends_at, 'infinity') > now() desc,
            case when coalesce(ends_at, 'infinity') > now() then starts_at end,
            ends_at desc, starts_at desc
          limit 1
        ) as sale on true
        where $1 is null or inventory.sku = $1
        """;

    /// <param name="sku">Null for all.</param>
    public async Task<List<SkuFacts>> FactsAsync(string? sku, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(SelectFacts);
        command.Parameters.Add(new() { Value = (object?)sku ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<SkuFacts> facts = [];
        while (await reader.ReadAsync(cancellationToken))
            facts.Add(new SkuFacts(
                reader.GetString(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetDecimal(3),
                reader.IsDBNull(4) ? null : new SaleWindow(
                    reader.GetGuid(4), reader.GetFieldValue<DateTimeOffset>(5), reader.IsDBNull(6) ? null : reader.GetFieldValue<DateTimeOffset>(6))));
        return facts;
    }

    public async Task<List<InventoryBalance>> BalanceAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select sku, supplied, sold, stock, difference from inventory_balance order by sku");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<InventoryBalance> balance = [];
        while (await reader.ReadAsync(cancellationToken))
            balance.Add(new InventoryBalance(reader.GetString(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4)));
        return balance;
    }

    /// <summary>Creates the SKU with its first stock, unless it is there.</summary>
    public Task AddAsync(string sku, long stock, decimal price, CancellationToken cancellationToken) => RunAsync(
        """
        with added as (
          insert into inventory (sku, stock, price) values ($1, $2, $3) on conflict (sku) do nothing returning sku, stock
        )
        insert into supplies (sku, quantity, kind) select sku, stock, 'initial' from added
        """, cancellationToken, sku, stock, price);

    /// <returns>False where there is no such SKU.</returns>
    public async Task<bool> RestockAsync(string sku, long quantity, CancellationToken cancellationToken) => await RunAsync(
        """
        with restocked as (
          update inventory set stock = stock + $2, version = version + 1 where sku = $1 returning sku
        )
        insert into supplies (sku, quantity, kind) select sku, $2, 'restock' from restocked
        """, cancellationToken, sku, quantity) == 1;

    private async Task<int> RunAsync(string sql, CancellationToken cancellationToken, params object[] values)
    {
        await using var command = database.CreateCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
