using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Sluice.Sources.Options;
using Sluice.Sources.Records;

namespace Sluice.DetailWorker;

/// <summary>
/// Looks after the items in hand, which may wait for a permit for minutes: gives up those whose import has ended, sends back those that
/// wait though their import is paused, and keeps the others from falling due, so that they are not published a second time.
/// </summary>
internal sealed partial class ItemWatch(
    WorkInHand hand, PausedWork paused, NpgsqlDataSource database, IOptions<ImportOptions> options, TimeProvider time, ILogger<ItemWatch> logger)
    : BackgroundService
{
    // What waits for a permit has been charged to the quota already: it goes on.
    private const string Stopped = """
        select held.id, imports.ended_at is null and imports.id is not null
        from unnest($1) as held (id)
        left join imports on imports.id = held.id
        where imports.status is distinct from 'running' and imports.pause_cause is distinct from 'quota'
        """;

    // Pending in the words of ItemStore, and for its reason.
    private const string Keep = """
        update imported_items as item set next_attempt_at = now() + $3
        from unnest($1, $2) as held (import_id, external_id)
        where item.import_id = held.import_id and item.external_id = held.external_id
          and item.status not in ('imported', 'failed') and item.dispatched and item.next_attempt_at < now() + $3 / 2
        """;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.WatchInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var items = hand.All();
            if (items.Count == 0)
                continue;
            try
            {
                foreach (var (importId, isOpen) in await StoppedAsync(items, stoppingToken))
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

    private async Task<List<(Guid ImportId, bool IsOpen)>> StoppedAsync(
        IReadOnlyList<(Guid ImportId, string ExternalId)> items, CancellationToken cancellationToken)
    {
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(new(Stopped) { Parameters = { new() { Value = items.Select(item => item.ImportId).Distinct().ToArray() } } });
        batch.BatchCommands.Add(new(Keep)
        {
            Parameters =
            {
                new() { Value = items.Select(item => item.ImportId).ToArray() },
                new() { Value = items.Select(item => item.ExternalId).ToArray() },
                new() { Value = options.Value.RepublishAfter },
            },
        });
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        List<(Guid, bool)> stopped = [];
        while (await reader.ReadAsync(cancellationToken))
            stopped.Add((reader.GetGuid(0), reader.GetBoolean(1)));
        return stopped;
    }

    [LoggerMessage(1, LogLevel.Warning, "The items in hand could not be looked after: {Reason}", EventName = "ItemsNotWatched")]
    private partial void LogNotSeen(string reason);
}
