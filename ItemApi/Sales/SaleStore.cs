using Npgsql;
using NpgsqlTypes;
using Sluice.Contracts;

namespace Sluice.ItemApi.Sales;

/// <summary>Opens, closes and reads sales.</summary>
internal sealed class SaleStore(NpgsqlDataSource database, TimeProvider time)
{
    private const string Select = """
        select sale.id, sale.sku, sale.starts_at, sale.ends_at, sale.stock, inventory.stock, sale.price, sale.limit_per_buyer,
          greatest(0, intake.accepted - counted.orders), counted.confirmed, counted.rejected, counted.cancelled, counted.units, counted.revenue, now()
        from sales as sale
        join inventory on inventory.sku = sale.sku
        cross join lateral (select coalesce(sum(accepted), 0)::bigint as accepted from sale_intake where sale_id = sale.id) as intake
        cross join lateral (
          select
            count(*) as orders,
            count(*) filter (where status = 'confirmed') as confirmed,
            count(*) filter (where status = 'rejected') as rejected,
            count(*) filter (where status = 'cancelled') as cancelled,
            coalesce(sum(quantity) filter (where status = 'confirmed'), 0)::bigint as units,
            coalesce(sum(quantity * price) filter (where status = 'confirmed'), 0) as revenue
          from orders where sale_id = sale.id
        ) as counted
        """;

    // The SKU's row is held until the end, so that of two sales of one SKU that are opened at once the second sees the first.
    private const string Hold = """
        insert into inventory as held (sku, stock, price) values ($1, 0, coalesce($2, 0)) on conflict (sku) do update set sku = excluded.sku
        returning stock, price
        """;

    private const string Unfinished = "select id from sales where sku = $1 and (ends_at is null or ends_at > now()) order by starts_at limit 1";

    private const string Insert = """
        with sale as (
          insert into sales (id, sku, stock, price, limit_per_buyer, starts_at, ends_at) values ($1, $2, $3, $4, $5, $6, $7) returning id, sku, stock
        ),
        stocked as (
          update inventory set stock = sale.stock, version = version + 1, price = $4 from sale where inventory.sku = sale.sku
        )
        insert into supplies (sku, quantity, kind, sale_id) select sku, stock - $8, 'sale', id from sale
        """;

    /// <summary>Opens a sale with exactly its stock on hand. A SKU has one sale at a time: the next would take its stock away.</summary>
    /// <returns>The sale's id; or that of one of the same SKU that has not ended.</returns>
    public async Task<(Guid Id, bool IsNew)> OpenAsync(OpenSale sale, DateTimeOffset startsAt, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var (stock, price) = await HoldAsync(connection, sale, cancellationToken);
        if (await UnfinishedAsync(connection, sale.Sku, cancellationToken) is { } other)
            return (other, IsNew: false);

        var id = Guid.CreateVersion7(time.GetUtcNow());
        await using var insert = new NpgsqlCommand(Insert, connection);
        insert.Parameters.Add(new() { Value = id });
        insert.Parameters.Add(new() { Value = sale.Sku });
        insert.Parameters.Add(new() { Value = sale.Stock });
        insert.Parameters.Add(new() { Value = sale.Price ?? price });
        insert.Parameters.Add(Nullable(sale.LimitPerBuyer, NpgsqlDbType.Integer));
        insert.Parameters.Add(new() { Value = startsAt });
        insert.Parameters.Add(Nullable(sale.EndsAt, NpgsqlDbType.TimestampTz));
        insert.Parameters.Add(new() { Value = stock });
        await insert.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (id, IsNew: true);
    }

    /// <summary>Ends a sale now; one that has ended stays as it is.</summary>
    public async Task CloseAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "update sales set starts_at = least(starts_at, now()), ends_at = now() where id = $1 and (ends_at is null or ends_at > now())");
        command.Parameters.Add(new() { Value = id });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task<SaleSnapshot?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"{Select} where sale.id = $1");
        command.Parameters.Add(new() { Value = id });
        return (await ReadAsync(command, cancellationToken)).SingleOrDefault();
    }

    /// <summary>Newest first, from before the sale <paramref name="before"/> on: ids of version 7 grow with time.</summary>
    public async Task<List<SaleSnapshot>> ListAsync(Guid? before, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"{Select} where $1 is null or sale.id < $1 order by sale.id desc limit $2");
        command.Parameters.Add(Nullable(before, NpgsqlDbType.Uuid));
        command.Parameters.Add(new() { Value = limit });
        return await ReadAsync(command, cancellationToken);
    }

    private static async Task<(long Stock, decimal Price)> HoldAsync(NpgsqlConnection connection, OpenSale sale, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Hold, connection);
        command.Parameters.Add(new() { Value = sale.Sku });
        command.Parameters.Add(Nullable(sale.Price, NpgsqlDbType.Numeric));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetInt64(0), reader.GetDecimal(1));
    }

    private static async Task<Guid?> UnfinishedAsync(NpgsqlConnection connection, string sku, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Unfinished, connection);
        command.Parameters.Add(new() { Value = sku });
        return (Guid?)await command.ExecuteScalarAsync(cancellationToken);
    }

    private static async Task<List<SaleSnapshot>> ReadAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<SaleSnapshot> sales = [];
        while (await reader.ReadAsync(cancellationToken))
            sales.Add(Read(reader));
        return sales;
    }

    private static SaleSnapshot Read(NpgsqlDataReader row)
    {
        var now = row.GetFieldValue<DateTimeOffset>(14);
        var startsAt = row.GetFieldValue<DateTimeOffset>(2);
        DateTimeOffset? endsAt = row.IsDBNull(3) ? null : row.GetFieldValue<DateTimeOffset>(3);
        return new SaleSnapshot(
            row.GetGuid(0), row.GetString(1), endsAt <= now ? SaleStatus.Ended : startsAt > now ? SaleStatus.Scheduled : SaleStatus.Open, startsAt, endsAt,
            row.GetInt64(4), row.GetInt64(5), row.GetDecimal(6), row.IsDBNull(7) ? null : row.GetInt32(7),
            row.GetInt64(8), row.GetInt64(9), row.GetInt64(10), row.GetInt64(11), row.GetInt64(12), row.GetDecimal(13));
    }

    private static NpgsqlParameter Nullable<T>(T? value, NpgsqlDbType type) where T : struct =>
        new() { Value = value is { } given ? given : DBNull.Value, NpgsqlDbType = type };
}
