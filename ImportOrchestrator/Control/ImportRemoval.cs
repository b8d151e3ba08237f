using Npgsql;

namespace Sluice.ImportOrchestrator.Control;

/// <summary>Deletes ended imports with all that they brought: their items in batches, so that nobody waits long for a lock.</summary>
internal sealed class ImportRemoval(NpgsqlDataSource database)
{
    private const int BatchSize = 5000;

    /// <summary>What is half deleted when the process dies is deleted when it is asked for again; until then its items count as cleared.</summary>
    /// <returns>False where there is none, or it is open.</returns>
    public async Task<bool> RemoveAsync(Guid importId, CancellationToken cancellationToken)
    {
        if (await ExecuteAsync("update imports set items_cleared_at = coalesce(items_cleared_at, now()) where id = $1 and ended_at is not null", importId, cancellationToken) == 0)
            return false;
        foreach (var table in (string[])["imported_items", "import_delays"])
            while (await ExecuteAsync(
                $"delete from {table} where id in (select id from {table} where import_id = $1 limit {BatchSize})", importId, cancellationToken) > 0)
                continue;
        await ExecuteAsync("delete from imports where id = $1 and ended_at is not null", importId, cancellationToken);
        return true;
    }

    /// <summary>Those that ended longer ago, the oldest first.</summary>
    public async Task<IReadOnlyList<Guid>> EndedBeforeAsync(TimeSpan ago, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select id from imports where ended_at < now() - $1 order by ended_at");
        command.Parameters.Add(new() { Value = ago });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<Guid> ended = [];
        while (await reader.ReadAsync(cancellationToken))
            ended.Add(reader.GetGuid(0));
        return ended;
    }

    private async Task<int> ExecuteAsync(string sql, Guid importId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(sql);
        command.Parameters.Add(new() { Value = importId });
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
