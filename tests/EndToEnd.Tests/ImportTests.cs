using System.Net;
using System.Text.Json;

namespace Sluice.EndToEnd.Tests;

public sealed class ImportTests(Cluster cluster)
{
    [Fact(Timeout = 300_000)]
    public async Task Brings_every_item_once_with_its_price_and_is_never_refused()
    {
        var cancellationToken = TestContext.Current.CancellationToken;

        var location = await cluster.ImportAsync(cancellationToken);
        var events = await cluster.EventsAsync(location, cancellationToken);
        var import = await cluster.UntilAsync(location, HasEnded, "the import ends", cancellationToken);

        Assert.Equal(("snapshot", "end"), (events[0], events[^1]));
        await AssertCompleteAsync(location, import, cancellationToken);
    }

    [Fact(Timeout = 300_000)]
    public async Task A_worker_that_is_killed_loses_no_item_and_doubles_none()
    {
        var cancellationToken = TestContext.Current.CancellationToken;

        var location = await cluster.ImportAsync(cancellationToken);
        await cluster.UntilAsync(location, import => Number(import, "importedCount") >= 60, "60 items are imported", cancellationToken);
        await cluster.KillAsync("detailworker-1", cancellationToken);
        var import = await cluster.UntilAsync(location, HasEnded, "the import ends", cancellationToken);

        await AssertCompleteAsync(location, import, cancellationToken);
    }

    private async Task AssertCompleteAsync(Uri location, JsonElement import, CancellationToken cancellationToken)
    {
        Assert.Equal("completed", import.GetProperty("status").GetString());
        Assert.Equal(Cluster.Items, Number(import, "totalCount"));
        Assert.Equal(Cluster.Items, Number(import, "importedCount"));
        Assert.Equal(0, Number(import, "rateLimitHitsCount"));
        Assert.DoesNotContain(cluster.Answers, answer => answer.Status == HttpStatusCode.TooManyRequests);

        var items = await cluster.ItemsAsync(location, cancellationToken);
        Assert.Equal(Cluster.Items, items.Count);
        Assert.Equal(Cluster.Items, items.Select(item => item.GetProperty("externalId").GetString()).Distinct().Count());
        Assert.All(items, item => Assert.True(item.GetProperty("price").GetDecimal() > 0));
    }

    private static bool HasEnded(JsonElement import) => import.GetProperty("endedAt").ValueKind is JsonValueKind.String;

    private static int Number(JsonElement import, string name) => import.GetProperty(name).GetInt32();
}
