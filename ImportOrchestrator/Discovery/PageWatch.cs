using Microsoft.Extensions.Options;
using Npgsql;
using Sluice.Sources.Options;
using Sluice.Sources.Records;

namespace Sluice.ImportOrchestrator.Discovery;

/// <summary>
/// Looks after the pages in hand: gives up those whose import has ended, maybe through another orchestrator, sends back those that wait
/// though their import is paused, and keeps the others from falling due, so that no other orchestrator reads them as well.
/// </summary>
internal sealed partial class PageWatch(
    PagesInHand hand, PausedWork paused, NpgsqlDataSource database, IOptions<ImportOptions> options, TimeProvider time, ILogger<PageWatch> logger)
    : BackgroundService
{
    private const string Keep = """
        update imports set next_discovery_at = now() + $2
        where id = any ($1) and status = 'running' and discovery_ended_at is null and page_dispatched and next_discovery_at < now() + $2 / 2
        """;

    // What waits for a permit has been charged to the quota already: it goes on.
    private const string Stopped = """
        select held.id, imports.ended_at is null and imports.id is not null
        from unnest($1) as held (id)
        left join imports on imports.id = held.id
        where imports.status is distinct from 'running' and imports.pause_cause is distinct from 'quota'
        """;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.WatchInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var imports = hand.All();
            if (imports.Length == 0)
                continue;
            try
            {
                foreach (var (importId, isOpen) in await StoppedAsync(imports, stoppingToken))
                {
                    if (isOpen)
                        paused.SendBack(importId);
                    else
                        hand.GiveUp(importId);
                }
            }
            catch (NpgsqlException exception)
            {
                LogNotSeen(exception.Message);
            }
        }
    }

    private async Task<List<(Guid ImportId, bool IsOpen)>> StoppedAsync(Guid[] imports, CancellationToken cancellationToken)
    {
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(new(Keep) { Parameters = { new() { Value = imports }, new() { Value = options.Value.RepublishPageAfter } } });
        batch.BatchCommands.Add(new(Stopped) { Parameters = { new() { Value = imports } } });
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        List<(Guid, bool)> stopped = [];
        while (await reader.ReadAsync(cancellationToken))
            stopped.Add((reader.GetGuid(0), reader.GetBoolean(1)));
        return stopped;
    }

    [LoggerMessage(1, LogLevel.Warning, "The pages in hand could not be looked after: {Reason}", EventName = "PagesNotWatched")]
    private partial void LogNotSeen(string reason);
}
