using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Sluice.Sources.Options;
using Sluice.Sources.Records;

namespace Sluice.DetailWorker;

/// <summary>Looks after the items in hand.</summary>
internal sealed class ItemWatch(
    WorkInHand hand, PausedWork paused, NpgsqlDataSource database, IOptions<ImportOptions> options, TimeProvider time, ILogger<ItemWatch> logger)
    : WorkWatch(paused, database, options, time, logger)
{
    // Pending in the words of ItemStore, and for its reason.
    private const string Keep = """
        update imported_items as item set next_attempt_at = now() + $3
        from unnest($1, $2) as held (import_id, external_id)
        where item.import_id = held.import_id and item.external_id = held.external_id
          and item.status not in ('imported', 'failed') and item.dispatched and item.next_attempt_at < now() + $3 / 2
        """;

    private readonly TimeSpan republishAfter = options.Value.RepublishAfter;

    protected override Guid[] Held(out NpgsqlBatchCommand keep)
    {
        var items = hand.All();
        var imports = items.Select(item => item.ImportId).ToArray();
        keep = new(Keep)
        {
            Parameters = { new() { Value = imports }, new() { Value = items.Select(item => item.ExternalId).ToArray() }, new() { Value = republishAfter } },
        };
        return [.. imports.Distinct()];
    }

    protected override void GiveUp(Guid importId) => hand.GiveUp(importId);
}
