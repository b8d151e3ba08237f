using System.Globalization;
using Sluice.Contracts;
using Sluice.Dashboard.Gateway;
using Sluice.Dashboard.Live;

namespace Sluice.Dashboard.Pages.Backfills;

/// <summary>Backfills as people watch them.</summary>
internal sealed class BackfillFeeds(GatewayClient gateway, TimeProvider time) : IAsyncDisposable
{
    public const int PageSize = 25;

    /// <summary>As many as the API gives at once.</summary>
    private const int DaysAtOnce = 500;

    private static readonly TimeSpan second = TimeSpan.FromSeconds(1);

    /// <summary>By the number of the page, from 1.</summary>
    public LiveFeed<int, CursorPage<BackfillSnapshot>> Lists { get; } = new((page, cancellationToken) => gateway.GetAsync<CursorPage<BackfillSnapshot>>(
        $"/backfills?offset={(page - 1) * PageSize}&limit={PageSize}", cancellationToken), second, time);

    public LiveFeed<Guid, BackfillSnapshot> Backfills { get; } = new((id, cancellationToken) => gateway.GetAsync<BackfillSnapshot>(
        $"/backfills/{id}", cancellationToken), second, time);

    public LiveFeed<Guid, IReadOnlyList<BackfillDay>> Days { get; } = new((id, cancellationToken) => DaysAsync(gateway, id, cancellationToken), 2 * second, time);

    public async ValueTask DisposeAsync()
    {
        await Lists.DisposeAsync();
        await Backfills.DisposeAsync();
        await Days.DisposeAsync();
    }

    private static async Task<IReadOnlyList<BackfillDay>> DaysAsync(GatewayClient gateway, Guid id, CancellationToken cancellationToken)
    {
        List<BackfillDay> days = [];
        string? cursor = "";
        while (cursor is not null)
        {
            var page = await gateway.GetAsync<CursorPage<BackfillDay>>(
                string.Create(CultureInfo.InvariantCulture, $"/backfills/{id}/days?limit={DaysAtOnce}&cursor={cursor}"), cancellationToken);
            days.AddRange(page.Data);
            cursor = page.NextCursor;
        }

        return days;
    }
}
