using Npgsql;
using Sluice.Contracts;

namespace Sluice.ItemApi.Items;

/// <summary>Reads of the catalogue. Statements stay prepared on their pooled connections, so each read is one round trip.</summary>
public sealed class ItemStore(NpgsqlDataSource database, LandmarkReader landmarks)
{
    /// <summary>Items in order of id, one more than asked for where there are more, and the total of the same moment.</summary>
    public sealed record Slice(IReadOnlyList<ItemSummary> Items, bool HasMore, long Total, long Version);

    private const int LandmarkAttempts = 2;
    private const int MostSessions = 16;

    /// <summary>Few sessions, kept busy, read more than one session per request does; and reads leave nothing behind that a reset would undo.</summary>
    public static void Tune(NpgsqlDataSourceBuilder database)
    {
        database.ConnectionStringBuilder.MaxPoolSize = MostSessions;
        database.ConnectionStringBuilder.NoResetOnClose = true;
    }

    public async Task<ItemDetail?> FindAsync(long id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand("select name, description, price from items where id = $1", connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = id });
        await command.PrepareAsync(cancellationToken);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new ItemDetail(id, reader.GetString(0), reader.GetString(1), reader.GetDecimal(2))
            : null;
    }

    public Task<Slice> ReadAfterAsync(long id, int take, CancellationToken cancellationToken) => ReadAsync(id, 0, take, cancellationToken);

    /// <summary>
    /// Reads from a position. Ids may have gaps, so a position is no id; and OFFSET reads all that it skips. A landmark (the id at every
    /// thousandth position) bounds what is skipped. It holds only while the catalogue's version is the one that it was taken at.
    /// </summary>
    public async Task<Slice> ReadFromAsync(long offset, int take, CancellationToken cancellationToken)
    {
        var known = await landmarks.LatestAsync(cancellationToken);
        for (var attempt = 1; attempt <= LandmarkAttempts; attempt++)
        {
            var (afterId, skip) = known.Before(offset);
            var slice = await ReadAsync(afterId, skip, take, cancellationToken);
            if (slice.Version == known.Version)
                return slice;
            known = await landmarks.ReplaceAsync(known, cancellationToken);
        }

        return await ReadAsync(0, offset, take, cancellationToken);
    }

    private async Task<Slice> ReadAsync(long afterId, long skip, int take, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(
            """
            select c.item_count, c.version, i.id, i.name
            from (select item_count, version from catalogue limit 1) c
            left join lateral (select id, name from items where id > $1 order by id offset $2 limit $3) i on true
            order by i.id
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = afterId });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = skip });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = take + 1 });
        await command.PrepareAsync(cancellationToken);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);

        var items = new List<ItemSummary>(take);
        var hasMore = false;
        var (total, version) = (0L, 0L);
        while (await reader.ReadAsync(cancellationToken))
        {
            (total, version) = (reader.GetInt64(0), reader.GetInt64(1));
            if (reader.IsDBNull(2))
                continue;
            hasMore = items.Count == take;
            if (!hasMore)
                items.Add(new ItemSummary(reader.GetInt64(2), reader.GetString(3)));
        }

        return new Slice(items, hasMore, total, version);
    }
}
