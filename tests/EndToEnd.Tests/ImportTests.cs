using System.Net;

namespace Sluice.EndToEnd.Tests;

public sealed class ImportTests
{
    [Fact(Timeout = 300_000)]
    public async Task Brings_every_item_once_with_its_price_and_is_never_refused()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var cluster = await Cluster.StartAsync(cancellationToken);

        var location = await cluster.ImportAsync(cancellationToken);
        var import = await cluster.UntilAsync(location, i => i.GetProperty("endedAt").ValueKind is not System.Text.Json.JsonValueKind.Null, "the import ends", cancellationToken);

        Assert.Equal("completed", import.GetProperty("status").GetString());
        Assert.Equal(Cluster.Items, import.GetProperty("importedCount").GetInt32());
        Assert.Equal(0, import.GetProperty("rateLimitHitsCount").GetInt32());
        Assert.DoesNotContain(cluster.Proxy.Answers, answer => answer.Status == HttpStatusCode.TooManyRequests);

        var items = await cluster.ItemsAsync(location, cancellationToken);
        Assert.Equal(Cluster.Items, items.Select(item => item.GetProperty("externalId").GetString()).Distinct().Count());
        Assert.Equal(Cluster.Items, items.Count);
        Assert.All(items, item => Assert.True(item.GetProperty("price").GetDecimal() > 0));
    }
}
