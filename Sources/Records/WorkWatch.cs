using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Sluice.Sources.Options;

namespace Sluice.Sources.Records;

/// <summary>
/// Looks after the work in hand, which may wait for a permit for minutes: gives up that of imports that have ended, maybe through another
/// process, sends back what waits though its import is paused, and keeps the rest from falling due, so that nobody else does it as well.
/// </summary>
public abstract partial class WorkWatch(
    PausedWork paused, NpgsqlDataSource database, IOptions<ImportOptions> options, TimeProvider time, ILogger logger) : BackgroundService
{
    // What waits for a permit has been charged to the quota already: it goes on.
    private const string Stopped = """
        select held.id, imports.ended_at is null and imports.id is not null
        from unnest($1) as held (id)
        left join imports on imports.id = held.id
        where imports.status is distinct from 'running' and imports.pause_cause is distinct from 'quota'
        """;

    /// <summary>The imports with work in hand; none where this is empty.</summary>
    /// <param name="keep">Puts off when the work falls due, where that comes near.</param>
    protected abstract Guid[] Held(out NpgsqlBatchCommand keep);

    /// <summary>Ends the work of an import.</summary>
    protected abstract void GiveUp(Guid importId);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.WatchInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var imports = Held(out var keep);
            if (imports.Length == 0)
                continue;
            try
            {
                foreach (var (importId, isOpen) in await StoppedAsync(imports, keep, stoppingToken))
                {
                    if (isOpen)
                        paused.SendBack(importId);
                    else
                        GiveUp(importId);
                }
            }
            catch (NpgsqlException exception)
            {
                LogNotSeen(exception.Message);
            }
        }
    }

    private async Task<List<(Guid ImportId, bool IsOpen)>> StoppedAsync(Guid[] imports, NpgsqlBatchCommand keep, CancellationToken cancellationToken)
    {
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(keep);
        batch.BatchCommands.Add(new(Stopped) { Parameters = { new() { Value = imports } } });
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        List<(Guid, bool)> stopped = [];
        while (await reader.ReadAsync(cancellationToken))
            stopped.Add((reader.GetGuid(0), reader.GetBoolean(1)));
        return stopped;
    }

    [LoggerMessage(1, LogLevel.Warning, "The work in hand could not be looked after: {Reason}", EventName = "WorkNotWatched")]
    private partial void LogNotSeen(string reason);
}
