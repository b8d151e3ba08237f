using Npgsql;
using Sluice.Contracts;

namespace Sluice.OrderWorker.Reconciliation;

/// <summary>Stock from its rows, all of it at one moment: supplied = sold + stock, for every SKU.</summary>
internal sealed class Balance(NpgsqlDataSource database)
{
    public async Task<List<InventoryBalance>> ReadAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select sku, supplied, sold, stock, difference from inventory_balance order by sku");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<InventoryBalance> skus = [];
        while (await reader.ReadAsync(cancellationToken))
            skus.Add(new InventoryBalance(reader.GetString(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4)));
        return skus;
    }
}
