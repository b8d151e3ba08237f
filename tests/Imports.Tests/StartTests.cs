using System.Net;
using System.Net.Http.Json;
using Sluice.Contracts;
using Sluice.ImportTests.World;
using Sluice.Testing;

namespace Sluice.ImportTests;

public sealed class StartTests(Servers servers)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_many_starts_at_once_one_wins_and_the_others_are_shown_to_it()
    {
        await using var api = await FakeApi.StartAsync();
        await using var system = await ImportSystem.StartAsync(servers, api, workers: 0);

        var responses = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ =>
            system.Client.PostAsJsonAsync("/imports", new { source = "shop", fresh = true }, Cancellation)));

        Assert.Single(responses, response => response.StatusCode == HttpStatusCode.Accepted);
        Assert.Equal(11, responses.Count(response => response.StatusCode == HttpStatusCode.Conflict));
        Assert.Single(responses.Select(response => response.Headers.Location).Distinct());
        Assert.Single((await ListAsync(system)).Data);
    }

    [Fact]
    public async Task Fresh_clears_what_earlier_imports_brought_and_keeps_their_counts()
    {
        await using var api = await FakeApi.StartAsync();
        await using var system = await ImportSystem.StartAsync(servers, api);

        var first = await system.ImportAsync();
        await system.AssertCompleteAsync(first, 40);
        var second = await system.ImportAsync(fresh: false);
        await system.AssertCompleteAsync(second, 40);
        Assert.Equal(40, (await system.ItemsAsync(first)).Count);

        var third = await system.ImportAsync(fresh: true);
        Assert.Empty(await system.ItemsAsync(first));
        Assert.Empty(await system.ItemsAsync(second));
        await system.AssertCompleteAsync(third, 40);

        var earlier = await system.FindAsync(first);
        Assert.Equal((true, 40, 40), (earlier.ItemsCleared, earlier.TotalCount, earlier.ItemsCount));
        Assert.All(api.Details.Values, count => Assert.Equal(3, count));

        var page = await ListAsync(system, "?limit=2");
        Assert.Equal([third, second], page.Data.Select(import => import.Id));
        Assert.Equal([first], (await ListAsync(system, $"?cursor={page.NextCursor}")).Data.Select(import => import.Id));
    }

    [Fact]
    public async Task Cancel_ends_an_import_in_the_middle_and_leaves_room_for_another()
    {
        await using var api = await FakeApi.StartAsync(items: 100);
        var gate = new Gate();
        api.OnDetail = (context, _, _) => gate.PassAsync(context);
        await using var system = await ImportSystem.StartAsync(servers, api, 1, ("DetailWorker:Concurrency", "10"));
        var id = await system.ImportAsync();
        await gate.ArrivedAsync(10);

        using var cancelled = await system.Client.PostAsync($"/imports/{id}/cancel", null, Cancellation);
        Assert.Equal(HttpStatusCode.OK, cancelled.StatusCode);
        var import = await cancelled.Content.ReadFromJsonAsync<ImportSnapshot>(Cancellation);
        Assert.Equal((ImportStatus.Cancelled, 0), (import!.Status, import.ImportedCount));
        Assert.NotNull(import.EndedAt);

        using var again = await system.Client.PostAsync($"/imports/{id}/cancel", null, Cancellation);
        Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);

        // The worker gives up what it has in hand, while the server still holds it.
        var other = await system.ImportAsync(fresh: true);
        await gate.ArrivedAsync(10);
        gate.Open();
        await system.AssertCompleteAsync(other, 100);

        Assert.Equal(ImportStatus.Cancelled, (await system.FindAsync(id)).Status);
        Assert.Equal(110, api.Details.Values.Sum());
    }

    [Fact]
    public async Task Cancel_ends_discovery_too()
    {
        await using var api = await FakeApi.StartAsync(items: 100);
        var gate = new Gate();
        api.OnPage = (context, page) => page == 3 ? gate.PassAsync(context) : Task.FromResult(false);
        await using var system = await ImportSystem.StartAsync(servers, api, workers: 0);
        var id = await system.ImportAsync();
        await gate.ArrivedAsync();

        using var cancelled = await system.Client.PostAsync($"/imports/{id}/cancel", null, Cancellation);
        Assert.Equal(HttpStatusCode.OK, cancelled.StatusCode);
        var other = await system.ImportAsync();
        await gate.ArrivedAsync();
        gate.Open();
        await system.UntilAsync(other, import => import.DiscoveryEnded, "discovery ends");

        Assert.Equal(2, (await system.FindAsync(id)).PagesDiscovered);
        Assert.Equal(40, (await system.FindAsync(id)).TotalCount);
    }

    private static async Task<CursorPage<ImportSnapshot>> ListAsync(ImportSystem system, string query = "") =>
        (await system.Client.GetFromJsonAsync<CursorPage<ImportSnapshot>>("/imports" + query, Cancellation))!;
}
