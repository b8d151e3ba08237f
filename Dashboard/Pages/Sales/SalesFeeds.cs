using Sluice.Contracts;
using Sluice.Dashboard.Gateway;
using Sluice.Dashboard.Live;

namespace Sluice.Dashboard.Pages.Sales;

/// <summary>What the pages of sales watch, each read once for all who look.</summary>
public sealed class SalesFeeds(GatewayClient gateway, TimeProvider time) : IAsyncDisposable
{
    /// <summary>Sales of a page.</summary>
    public const int PerPage = 20;

    private static readonly TimeSpan often = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan seldom = TimeSpan.FromSeconds(2);

    /// <summary>A page of sales by its cursor; the first has an empty one.</summary>
    public LiveFeed<string, CursorPage<SaleSnapshot>> Pages { get; } = new(
        (cursor, cancellationToken) => gateway.GetAsync<CursorPage<SaleSnapshot>>(
            $"/sales?limit={PerPage}&cursor={Uri.EscapeDataString(cursor)}", cancellationToken),
        seldom, time);

    /// <summary>A sale, and how it went.</summary>
    public LiveFeed<Guid, SaleView> Sales { get; } = new(
        async (id, cancellationToken) =>
        {
            var sale = gateway.GetAsync<SaleSnapshot>($"/sales/{id}", cancellationToken);
            var history = gateway.GetAsync<SaleHistory>($"/sales/{id}/history", cancellationToken);
            return new(await sale, await history);
        },
        often, time);

    public async ValueTask DisposeAsync()
    {
        await Pages.DisposeAsync();
        await Sales.DisposeAsync();
    }
}

/// <summary>A sale as it stands, and how it went.</summary>
public sealed record SaleView(SaleSnapshot Sale, SaleHistory History);
