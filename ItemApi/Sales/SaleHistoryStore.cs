using Npgsql;
using Sluice.Contracts;

namespace Sluice.ItemApi.Sales;

/// <summary>Reads how a sale went over time.</summary>
internal sealed class SaleHistoryStore(NpgsqlDataSource database)
{
    private const int MostPoints = 180;

    /// <summary>In seconds; the last fits any sale.</summary>
    private static readonly int[] steps = [1, 5, 15, 60, 300, 900, 3600, 21_600, 86_400, 604_800];

    private const string Bounds = """
        select sale.stock, orders.first, orders.last, orders.p50, orders.p99
        from sales as sale
        cross join lateral (
          select min(placed_at) as first, max(greatest(placed_at, settled_at, cancelled_at)) as last,
            percentile_cont(0.5) within group (order by extract(epoch from settled_at - placed_at)) as p50,
            percentile_cont(0.99) within group (order by extract(epoch from settled_at - placed_at)) as p99
          from orders where sale_id = sale.id
        ) as orders
        where sale.id = $1
        """;

    private const string Points = """
        select date_bin(make_interval(secs => $2), at, timestamptz 'epoch'),
          sum(accepted)::bigint, sum(confirmed)::bigint, sum(rejected)::bigint, sum(units)::bigint
        from (
          select placed_at, 1, 0, 0, 0 from orders where sale_id = $1
          union all
          select settled_at, 0, (status <> 'rejected')::integer, (status = 'rejected')::integer, case when status = 'rejected' then 0 else -quantity end
          from orders where sale_id = $1
          union all
          select cancelled_at, 0, 0, 0, quantity from orders where sale_id = $1 and status = 'cancelled'
          union all
          select least(greatest(supplied_at, $3), $4), 0, 0, 0, quantity
          from sales as sale
          join supplies on supplies.sku = sale.sku and kind = 'restock' and supplied_at >= sale.starts_at and supplied_at < coalesce(sale.ends_at, 'infinity')
          where sale.id = $1
        ) as happened(at, accepted, confirmed, rejected, units)
        group by 1
        """;

    /// <returns>Null where there is no such sale.</returns>
    public async Task<SaleHistory?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Bounds);
        command.Parameters.Add(new() { Value = id });
        long stock;
        DateTimeOffset first, last;
        SettleTimes times;
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            if (!await reader.ReadAsync(cancellationToken))
                return null;
            if (reader.IsDBNull(1))
                return new(steps[0], null, []);
            stock = reader.GetInt64(0);
            (first, last) = (reader.GetFieldValue<DateTimeOffset>(1), reader.GetFieldValue<DateTimeOffset>(2));
            times = new(Milliseconds(reader.GetDouble(3)), Milliseconds(reader.GetDouble(4)));
        }

        var step = steps.FirstOrDefault(step => (last - first).TotalSeconds / step < MostPoints, steps[^1]);
        return new(step, times, PointsOf(await ReadAsync(id, step, first, last, cancellationToken), stock, step));
    }

    private static List<SalePoint> PointsOf(SortedDictionary<DateTimeOffset, (SalePoint Counts, long Units)> happened, long stock, int step)
    {
        List<SalePoint> points = [];
        for (var at = happened.First().Key; at <= happened.Last().Key; at = at.AddSeconds(step))
        {
            var (counts, units) = happened.GetValueOrDefault(at, (new(at, 0, 0, 0, 0), 0));
            points.Add(counts with { StockLeft = stock += units });
        }

        return points;
    }

    private async Task<SortedDictionary<DateTimeOffset, (SalePoint Counts, long Units)>> ReadAsync(
        Guid id, int step, DateTimeOffset first, DateTimeOffset last, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Points);
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = (double)step });
        command.Parameters.Add(new() { Value = first });
        command.Parameters.Add(new() { Value = last });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        SortedDictionary<DateTimeOffset, (SalePoint Counts, long Units)> happened = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            var at = reader.GetFieldValue<DateTimeOffset>(0);
            happened[at] = (new(at, reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), 0), reader.GetInt64(4));
        }

        return happened;
    }

    /// <summary>Two clocks tell when an order was placed and when it was settled.</summary>
    private static double Milliseconds(double seconds) => Math.Round(Math.Max(0, seconds) * 1000, 1);
}
