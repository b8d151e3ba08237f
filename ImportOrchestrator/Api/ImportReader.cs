using Sluice.Contracts;
using Sluice.ImportOrchestrator.Forecasts;
using Sluice.Sources.Options;

namespace Sluice.ImportOrchestrator.Api;

/// <summary>Imports as they stand, with their forecasts.</summary>
internal sealed class ImportReader(ImportStore store, Forecaster forecaster, SourceCatalog sources)
{
    public async Task<ImportSnapshot?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        await store.FindAsync(id, cancellationToken) is { } row ? await SnapshotAsync(row, cancellationToken) : null;

    /// <summary>Newest first.</summary>
    public async Task<IReadOnlyList<ImportSnapshot>> ListAsync(ImportListing listing, int limit, CancellationToken cancellationToken)
    {
        List<ImportSnapshot> imports = [];
        foreach (var row in await store.ListAsync(listing, limit, cancellationToken))
            imports.Add(await SnapshotAsync(row, cancellationToken));
        return imports;
    }

    public async Task<ImportSnapshot> SnapshotAsync(ImportRow row, CancellationToken cancellationToken) =>
        row.Snapshot(sources.Find(row.Source), await forecaster.ForecastAsync(row, cancellationToken));
}
