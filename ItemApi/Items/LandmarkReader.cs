using Npgsql;

namespace Sluice.ItemApi.Items;

/// <summary>Keeps the latest landmarks in memory.</summary>
public sealed class LandmarkReader(NpgsqlDataSource database) : IDisposable
{
    private readonly SemaphoreSlim oneReader = new(1);
    private Landmarks? latest;

    public ValueTask<Landmarks> LatestAsync(CancellationToken cancellationToken) =>
        Volatile.Read(ref latest) is { } current ? new(current) : new(ReplaceAsync(null, cancellationToken));

    /// <summary>Takes landmarks anew, once for all callers who found the same ones outdated.</summary>
    public async Task<Landmarks> ReplaceAsync(Landmarks? outdated, CancellationToken cancellationToken)
    {
        await oneReader.WaitAsync(cancellationToken);
        try
        {
            if (latest is { } current && !ReferenceEquals(current, outdated))
                return current;
            await using var command = database.CreateCommand(
                """
                select version, array(
                    select id from (select id, row_number() over (order by id) - 1 as position from items) numbered
                    where position % $1 = 0 order by id)
                from catalogue
                """);
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Landmarks.Spacing });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            return latest = new Landmarks(reader.GetInt64(0), reader.GetFieldValue<long[]>(1));
        }
        finally
        {
            oneReader.Release();
        }
    }

    public void Dispose() => oneReader.Dispose();
}
