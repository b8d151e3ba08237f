using Microsoft.Extensions.Options;
using Npgsql;
using Sluice.Sources.Options;
using Sluice.Sources.Records;

namespace Sluice.ImportOrchestrator.Discovery;

/// <summary>Looks after the pages in hand: one of an import.</summary>
internal sealed class PageWatch(
    PagesInHand hand, PausedWork paused, NpgsqlDataSource database, IOptions<ImportOptions> options, TimeProvider time, ILogger<PageWatch> logger)
    : WorkWatch(paused, database, options, time, logger)
{
    private const string Keep = """
        update imports set next_discovery_at = now() + $2
        where id = any ($1) and ended_at is null and discovery_ended_at is null and page_dispatched and next_discovery_at < now() + $2 / 2
        """;

    private readonly TimeSpan republishAfter = options.Value.RepublishPageAfter;

    protected override Guid[] Held(out NpgsqlBatchCommand keep)
    {
        var imports = hand.Imports();
        keep = new(Keep) { Parameters = { new() { Value = imports }, new() { Value = republishAfter } } };
        return imports;
    }

    protected override void GiveUp(Guid importId) => hand.GiveUp(importId);
}
