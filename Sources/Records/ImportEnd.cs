using Npgsql;
using Sluice.Contracts;

namespace Sluice.Sources.Records;

/// <summary>Ends imports, each once, with the counts as they are at that moment.</summary>
public sealed class ImportEnd(NpgsqlDataSource database)
{
    private const string Due = """
        id = $1 and ended_at is null and ($2 <> 'completed' or (
          discovery_ended_at is not null
          and not exists (select from imported_items where import_id = imports.id and status = 'pending')))
        """;

    // Waits for those who write items of the import (they hold it FOR SHARE), so that the next statement counts what they wrote.
    private const string Hold = $"select from imports where {Due} for update";

    // The pause that lasts would be forgotten with the state.
    private const string EndPause = $"""
        insert into import_delays (import_id, cause, started_at, ended_at)
        select id, pause_cause, paused_at, greatest(paused_at, clock_timestamp()) from imports where paused_at is not null and {Due}
        """;

    private const string End = $"""
        update imports set
          status = $2,
          paused_at = null,
          pause_cause = null,
          pause_reason = null,
          resumes_at = null,
          failure_reason = $3,
          ended_at = clock_timestamp(),
          (total_count, items_count, failed_count, requests_count) = (select total, imported, failed, requests from count_items(imports.id)),
          (rate_limit_sleeps_count, total_sleep_seconds) = (select sleeps, seconds from count_sleeps(imports.id)),
          rate_limit_hits_count = (select count(*) from import_hits where import_id = imports.id),
          finalize_attempts = finalize_attempts + 1,
          last_finalize_attempt_at = clock_timestamp()
        where {Due}
        """;

    /// <summary>Completes the import if discovery has ended and no item is pending.</summary>
    public Task<bool> TryCompleteAsync(Guid importId, CancellationToken cancellationToken) =>
        EndAsync(importId, ImportStatus.Completed, null, cancellationToken);

    /// <summary>Ends the import as failed, if it is open.</summary>
    public Task<bool> FailAsync(Guid importId, string reason, CancellationToken cancellationToken) =>
        EndAsync(importId, ImportStatus.Failed, reason, cancellationToken);

    /// <summary>Ends the import as cancelled, if it is open.</summary>
    public Task<bool> CancelAsync(Guid importId, CancellationToken cancellationToken) =>
        EndAsync(importId, ImportStatus.Cancelled, null, cancellationToken);

    private async Task<bool> EndAsync(Guid importId, string status, string? reason, CancellationToken cancellationToken)
    {
        await using var batch = database.CreateBatch();
        foreach (var before in (string[])[Hold, EndPause])
            batch.BatchCommands.Add(new(before) { Parameters = { new() { Value = importId }, new() { Value = status } } });
        var end = new NpgsqlBatchCommand(End)
        {
            Parameters = { new() { Value = importId }, new() { Value = status }, new() { Value = (object?)reason ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text } },
        };
        batch.BatchCommands.Add(end);
        await batch.ExecuteNonQueryAsync(cancellationToken);
        return end.RecordsAffected == 1;
    }
}
