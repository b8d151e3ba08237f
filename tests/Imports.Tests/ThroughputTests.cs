using System.Net.Http.Json;
using Sluice.Contracts;
using Sluice.ImportTests.World;
using Sluice.Testing;

namespace Sluice.ImportTests;

public sealed class ThroughputTests(Servers servers)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_import_s_curve_ends_at_all_its_requests_and_lists_by_offset_say_how_many_there_are()
    {
        await using var api = await FakeApi.StartAsync();
        await using var system = await ImportSystem.StartAsync(servers, api);
        var id = await system.ImportAsync();
        var import = await system.UntilCompletedAsync(id);

        var throughput = await GetAsync<ImportThroughput>(system, $"/imports/{id}/throughput");
        var items = await GetAsync<CursorPage<ImportedItem>>(system, $"/imports/{id}/items?status=imported&offset=2&limit=3");
        var all = await system.ItemsAsync(id);
        var completed = await GetAsync<CursorPage<ImportSnapshot>>(system, "/imports?offset=0&limit=10&status=completed&source=shop");
        var failed = await GetAsync<CursorPage<ImportSnapshot>>(system, "/imports?offset=0&status=failed");
        var sources = await GetAsync<List<SourceShape>>(system, "/sources");

        Assert.Equal(import.RequestsCount, throughput.Requests[^1].Requests);
        Assert.Equal(throughput.Requests.OrderBy(point => (point.Seconds, point.Requests)), throughput.Requests);
        Assert.Equal(import.ImportedCount, items.Total);
        Assert.Equal(all.Skip(2).Take(3).Select(item => item.ExternalId), items.Data.Select(item => item.ExternalId));
        Assert.Equal((1L, id), (completed.Total, Assert.Single(completed.Data).Id));
        Assert.Equal(0, failed.Total);
        Assert.Contains(sources, source => source is { Name: "shop", Kind: "items" });
        Assert.Contains(sources, source => source is { Name: "diary", Kind: "days" });
    }

    private static async Task<T> GetAsync<T>(ImportSystem system, string path) => (await system.Client.GetFromJsonAsync<T>(path, Cancellation))!;
}
