using System.Net;
using System.Net.Http.Json;
using System.Text;
using Sluice.Contracts;
using Sluice.ImportTests.World;
using Sluice.Testing;

namespace Sluice.ImportTests;

/// <summary>One orchestrator without a worker for all of these.</summary>
public sealed class BackfillApiTests(BackfillApiTests.Running running) : IClassFixture<BackfillApiTests.Running>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", "body")]
    [InlineData("[]", "body")]
    [InlineData("{}", "from", "source", "to")]
    [InlineData("{\"source\":\"nosuch\",\"from\":\"2025-01-01\",\"to\":\"2025-01-02\"}", "source")]
    [InlineData("{\"source\":\"shop\",\"from\":\"2025-01-01\",\"to\":\"2025-01-02\"}", "source")]
    [InlineData("{\"source\":\"diary\",\"from\":\"2025-02-29\",\"to\":7}", "from", "to")]
    [InlineData("{\"source\":\"diary\",\"from\":\"2025-01-02\",\"to\":\"2025-01-01\"}", "to")]
    [InlineData("{\"source\":\"diary\",\"from\":\"2015-01-01\",\"to\":\"2025-01-08\"}", "to")]
    [InlineData("{\"source\":\"diary\",\"from\":\"2999-01-01\",\"to\":\"2999-01-01\"}", "to")]
    public async Task A_start_that_cannot_be_read_names_the_field(string body, params string[] fields)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await running.Client.PostAsync("/backfills", content, Cancellation);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(fields, (await response.FaultyFieldsAsync()).Order());
    }

    [Theory]
    [InlineData("/backfills/abc", "id")]
    [InlineData("/backfills/{id}/days?status=done", "status")]
    [InlineData("/backfills/{id}/days?limit=ten&status=x&cursor=y", "cursor", "limit", "status")]
    [InlineData("/backfills?cursor=x&limit=0", "cursor", "limit")]
    public async Task A_query_that_cannot_be_read_names_the_field(string address, params string[] fields)
    {
        using var response = await running.Client.GetAsync(address.Replace("{id}", $"{running.Backfill}", StringComparison.Ordinal), Cancellation);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(fields, (await response.FaultyFieldsAsync()).Order());
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("GET", "/days")]
    [InlineData("POST", "/pause")]
    [InlineData("POST", "/resume")]
    [InlineData("POST", "/cancel")]
    [InlineData("POST", "/retry-failed")]
    [InlineData("DELETE", "")]
    public async Task A_backfill_that_is_not_there_is_404_and_an_import_is_none(string method, string path)
    {
        foreach (var id in (Guid[])[Guid.NewGuid(), running.Import])
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), $"/backfills/{id}{path}");
            using var response = await running.Client.SendAsync(request, Cancellation);
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
            Assert.Equal(["id"], await response.FaultyFieldsAsync());
        }
    }

    [Fact]
    public async Task A_second_backfill_of_a_source_is_409_with_the_open_ones_location()
    {
        using var response = await running.Client.PostAsJsonAsync("/backfills", new { source = "diary", from = "2025-03-01", to = "2025-03-02" }, Cancellation);
        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.Equal($"/backfills/{running.Backfill}", response.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task Imports_and_backfills_are_listed_apart_and_a_source_of_days_is_not_imported()
    {
        var backfills = await running.Client.GetFromJsonAsync<CursorPage<BackfillSnapshot>>("/backfills", Cancellation);
        var imports = await running.Client.GetFromJsonAsync<CursorPage<ImportSnapshot>>("/imports", Cancellation);
        using var response = await running.Client.PostAsJsonAsync("/imports", new { source = "diary" }, Cancellation);

        Assert.Equal([running.Backfill], backfills!.Data.Select(backfill => backfill.Id));
        Assert.Equal([running.Import], imports!.Data.Select(import => import.Id));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    public sealed class Running(Servers servers) : IAsyncLifetime
    {
        private FakeApi api = null!;
        private ImportSystem system = null!;

        public HttpClient Client => system.Client;

        public Guid Backfill { get; private set; }

        public Guid Import { get; private set; }

        public async ValueTask InitializeAsync()
        {
            api = await FakeApi.StartAsync();
            system = await ImportSystem.StartAsync(servers, api, workers: 0);
            Backfill = await system.BackfillAsync();
            Import = await system.ImportAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await system.DisposeAsync();
            await api.DisposeAsync();
        }
    }
}
