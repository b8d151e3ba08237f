using Sluice.Contracts;
using Sluice.Dashboard.Gateway;
using Sluice.Dashboard.Live;

namespace Sluice.Dashboard.Pages.Imports;

/// <summary>Which page of the imports.</summary>
internal sealed record ImportListKey(int Page, string? Status)
{
    public const int PageSize = 25;
}

/// <summary>Imports as people watch them.</summary>
internal sealed class ImportFeeds(GatewayClient gateway, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan second = TimeSpan.FromSeconds(1);

    public LiveFeed<ImportListKey, CursorPage<ImportSnapshot>> Lists { get; } = new((key, cancellationToken) => gateway.GetAsync<CursorPage<ImportSnapshot>>(
        $"/imports?offset={(key.Page - 1) * ImportListKey.PageSize}&limit={ImportListKey.PageSize}&status={key.Status}", cancellationToken), second, time);

    public LiveFeed<Guid, ImportSnapshot> Imports { get; } = new((id, cancellationToken) => gateway.GetAsync<ImportSnapshot>(
        $"/imports/{id}", cancellationToken), second, time);

    /// <summary>By the import's path, <c>/imports/ID</c> or <c>/backfills/ID</c>.</summary>
    public LiveFeed<string, ImportThroughput> Throughputs { get; } = new((path, cancellationToken) => gateway.GetAsync<ImportThroughput>(
        $"{path}/throughput", cancellationToken), 3 * second, time);

    public LiveFeed<string, IReadOnlyList<SourceShape>> Sources { get; } = new(async (kind, cancellationToken) =>
        [.. (await gateway.GetAsync<List<SourceShape>>("/sources", cancellationToken)).Where(source => source.Kind == kind)], 15 * second, time);

    public Task<CursorPage<ImportedItem>> ItemsAsync(Guid id, string status, int offset, int limit, CancellationToken cancellationToken) =>
        gateway.GetAsync<CursorPage<ImportedItem>>($"/imports/{id}/items?status={status}&offset={offset}&limit={limit}", cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await Lists.DisposeAsync();
        await Imports.DisposeAsync();
        await Throughputs.DisposeAsync();
        await Sources.DisposeAsync();
    }
}
