using Npgsql;
using Sluice.Contracts;

namespace Sluice.ItemApi.Search;

/// <summary>Searches the names and descriptions of the catalogue.</summary>
public sealed class SearchStore(NpgsqlDataSource database)
{
    /// <summary>A page of what was found, and how much was found in all.</summary>
    public sealed record Found(IReadOnlyList<ItemDetail> Items, long Total);

    public async Task<Found> FindAsync(SearchQuery query, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var command = CommandFor(query, connection);
        await command.PrepareAsync(cancellationToken);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);

        var items = new List<ItemDetail>(query.Page.Take);
        var total = 0L;
        while (await reader.ReadAsync(cancellationToken))
        {
            total = reader.GetInt64(0);
            if (!reader.IsDBNull(1))
                items.Add(new ItemDetail(reader.GetInt64(1), reader.GetString(2), reader.GetString(3), reader.GetDecimal(4)));
        }

        return new Found(items, total);
    }

    /// <summary>
    /// Items whose name holds all that is asked for come first, then by rank, then by id. The words are materialized, for otherwise a plan
    /// that is made for all searches would parse them again for each row.
    /// </summary>
    public static NpgsqlCommand CommandFor(SearchQuery query, NpgsqlConnection connection)
    {
        var command = new NpgsqlCommand(
            """
            with asked as materialized (
                select websearch_to_tsquery('english', $1) || (websearch_to_tsquery('english', $2) && to_tsquery('simple', $3)) as words),
            found as materialized (
                select id, ts_filter(search, '{a}') @@ words as by_name, ts_rank('{0, 0, 0.1, 1}', search, words) as rank
                from asked, items where search @@ words)
            select f.total, i.id, i.name, i.description, i.price
            from (select count(*) as total from found) f
            left join lateral (select * from found order by by_name desc, rank desc, id offset $4 limit $5) p on true
            left join items i on i.id = p.id
            order by p.by_name desc, p.rank desc, p.id
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = query.Text });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = query.Before });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = query.LastWord.Length == 0 ? "" : $"'{query.LastWord}':*" });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = query.Page.Offset });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = query.Page.Take });
        return command;
    }
}
