using Sluice.Contracts;
using Sluice.Sources.Options;

namespace Sluice.ImportOrchestrator.Api;

/// <summary>Imports as they stand, with their forecasts.</summary>
internal sealed class ImportReader(ImportStore store, SourceCatalog sources)
{
    public async Task<ImportSnapshot?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        await store.FindAsync(id, cancellationToken) is { } row ? Snapshot(row) : null;

    /// <summary>Newest first, from before the import <paramref name="before"/> on.</summary>
    public async Task<IReadOnlyList<ImportSnapshot>> ListAsync(Guid? before, int limit, CancellationToken cancellationToken) =>
        [.. (await store.ListAsync(before, limit, cancellationToken)).Select(Snapshot)];

    private ImportSnapshot Snapshot(ImportRow row) => row.Snapshot(sources.Find(row.Source), forecast: null);
}
