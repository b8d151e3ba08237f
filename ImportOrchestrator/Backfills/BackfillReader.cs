using Sluice.Contracts;
using Sluice.ImportOrchestrator.Api;

namespace Sluice.ImportOrchestrator.Backfills;

/// <summary>Backfills as they stand.</summary>
internal sealed class BackfillReader(BackfillStore store, ImportReader imports)
{
    public async Task<BackfillSnapshot?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        await store.FindAsync(id, cancellationToken) is { } row ? await SnapshotAsync(row, cancellationToken) : null;

    /// <summary>Newest first, from before the backfill <paramref name="before"/> on, without the first <paramref name="offset"/> of them.</summary>
    public async Task<IReadOnlyList<BackfillSnapshot>> ListAsync(Guid? before, long offset, int limit, CancellationToken cancellationToken)
    {
        List<BackfillSnapshot> backfills = [];
        foreach (var row in await store.ListAsync(before, offset, limit, cancellationToken))
            backfills.Add(await SnapshotAsync(row, cancellationToken));
        return backfills;
    }

    private async Task<BackfillSnapshot> SnapshotAsync(BackfillRow row, CancellationToken cancellationToken) =>
        row.Snapshot(await imports.SnapshotAsync(row.Import, cancellationToken));
}
