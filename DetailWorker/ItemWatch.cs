using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Sluice.Sources.Options;

namespace Sluice.DetailWorker;

/// <summary>
/// Looks after the items in hand, which may wait for a permit for minutes: gives up those whose import has ended, and keeps the
/// others from falling due, so that they are not published a second time.
/// </summary>
internal sealed partial class ItemWatch(
    WorkInHand hand, NpgsqlDataSource database, IOptions<DetailWorkerOptions> options, IOptions<ImportOptions> imports,
    TimeProvider time, ILogger<ItemWatch> logger) : BackgroundService
{
    private const string Ended = """
        select id from unnest($1) as held (id)
        where not exists (select from imports where imports.id = held.id and status = 'running')
        """;

    private const string Keep = """
        update imported_items as item set next_attempt_at = now() + $3
        from unnest($1, $2) as held (import_id, external_id)
        where item.import_id = held.import_id and item.external_id = held.external_id
          and item.status = 'pending' and item.dispatched and item.next_attempt_at < now() + $3 / 2
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
                foreach (var importId in await EndedAsync(items, stoppingToken))
                    hand.GiveUp(importId);
            }
            catch (NpgsqlException exception)
            {
                LogNotSeen(exception.Message);
            }
        }
    }

    private async Task<List<Guid>> EndedAsync(IReadOnlyList<(Guid ImportId, string ExternalId)> items, CancellationToken cancellationToken)
    {
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(new(Ended) { Parameters = { new() { Value = items.Select(item => item.ImportId).Distinct().ToArray() } } });
        batch.BatchCommands.Add(new(Keep)
        {
            Parameters =
            {
                new() { Value = items.Select(item => item.ImportId).ToArray() },
                new() { Value = items.Select(item => item.ExternalId).ToArray() },
                new() { Value = imports.Value.RepublishAfter },
            },
        });
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        List<Guid> ended = [];
        while (await reader.ReadAsync(cancellationToken))
            ended.Add(reader.GetGuid(0));
        return ended;
    }

    [LoggerMessage(1, LogLevel.Warning, "The items in hand could not be looked after: {Reason}", EventName = "ItemsNotWatched")]
    private partial void LogNotSeen(string reason);
}
