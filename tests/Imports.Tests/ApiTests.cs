using System.Net;
using System.Net.Http.Json;
using System.Text;
using Sluice.Contracts;
using Sluice.ImportTests.World;
using Sluice.Testing;

namespace Sluice.ImportTests;

/// <summary>One orchestrator without a worker for all of these.</summary>
public sealed class ApiTests(ApiTests.Running running) : IClassFixture<ApiTests.Running>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", "body")]
    [InlineData("source=items", "body")]
    [InlineData("[]", "body")]
    [InlineData("{\"source\":\"\\ud800\"}", "body")]
    [InlineData("{}", "source")]
    [InlineData("{\"source\":5}", "source")]
    [InlineData("{\"source\":\"nosuch\"}", "source")]
    [InlineData("{\"source\":\"shop\",\"fresh\":\"yes\"}", "fresh")]
    [InlineData("{\"source\":\"nosuch\",\"fresh\":1}", "source", "fresh")]
    public async Task A_start_that_cannot_be_read_names_the_field(string body, params string[] fields)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await running.Client.PostAsync("/imports", content, Cancellation);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(fields.Order(), (await response.FaultyFieldsAsync()).Order());
    }

    [Fact]
    public async Task A_start_without_a_body_names_it()
    {
        using var response = await running.Client.PostAsync("/imports", null, Cancellation);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(["body"], await response.FaultyFieldsAsync());
    }

    [Fact]
    public async Task An_unknown_source_is_answered_with_those_that_there_are()
    {
        using var response = await running.Client.PostAsJsonAsync("/imports", new { source = "nosuch" }, Cancellation);
        Assert.Contains("There are: items, shop.", await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/imports/abc", "id")]
    [InlineData("/imports/abc/items", "id")]
    [InlineData("/imports/{id}/items?status=done", "status")]
    [InlineData("/imports/{id}/items?cursor=x", "cursor")]
    [InlineData("/imports/{id}/items?limit=0", "limit")]
    [InlineData("/imports/{id}/items?limit=ten&status=x&cursor=y", "cursor", "limit", "status")]
    [InlineData("/imports?cursor=x", "cursor")]
    [InlineData("/imports?limit=-1", "limit")]
    [InlineData("/imports?offset=x&status=done", "offset", "status")]
    [InlineData("/imports/{id}/items?offset=1&cursor=1", "offset")]
    [InlineData("/imports/abc/throughput", "id")]
    public async Task A_query_that_cannot_be_read_names_the_field(string address, params string[] fields)
    {
        using var response = await running.Client.GetAsync(address.Replace("{id}", $"{running.Import}", StringComparison.Ordinal), Cancellation);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(fields, (await response.FaultyFieldsAsync()).Order());
    }

    [Theory]
    [InlineData("GET", "/imports/{id}")]
    [InlineData("GET", "/imports/{id}/items")]
    [InlineData("GET", "/imports/{id}/throughput")]
    [InlineData("POST", "/imports/{id}/cancel")]
    public async Task An_import_that_is_not_there_is_404_and_names_the_id(string method, string address)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), address.Replace("{id}", $"{Guid.NewGuid()}", StringComparison.Ordinal));
        using var response = await running.Client.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal(["id"], await response.FaultyFieldsAsync());
    }

    [Fact]
    public async Task A_wrong_id_to_cancel_is_named()
    {
        using var response = await running.Client.PostAsync("/imports/abc/cancel", null, Cancellation);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(["id"], await response.FaultyFieldsAsync());
    }

    [Fact]
    public async Task A_second_import_of_a_source_is_409_with_the_running_ones_location()
    {
        using var response = await running.Client.PostAsJsonAsync("/imports", new { source = "shop", fresh = true }, Cancellation);
        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.Equal($"/imports/{running.Import}", response.Headers.Location!.OriginalString);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Items_come_page_by_page_in_the_order_of_the_list()
    {
        await running.System.UntilAsync(running.Import, import => import.DiscoveryEnded, "discovery ends");
        var items = await running.System.ItemsAsync(running.Import, ItemStatus.Pending, limit: 7);
        Assert.Equal(Enumerable.Range(1, 40).Select(id => $"{id}"), items.Select(item => item.ExternalId));
        Assert.All(items, item => Assert.Equal(($"Item {item.ExternalId}", null, ItemStatus.Pending), (item.Name, item.Price, item.Status)));
        Assert.Empty(await running.System.ItemsAsync(running.Import, ItemStatus.Imported));
    }

    [Fact]
    public async Task Health_names_the_stores()
    {
        // A check that a busy machine keeps waiting counts as failed, that once.
        var health = "";
        await Deadline.UntilAsync(async () =>
        {
            using var response = await running.Client.GetAsync("/health", Cancellation);
            health = await response.Content.ReadAsStringAsync(Cancellation);
            return response.IsSuccessStatusCode;
        }, "healthy", cancellationToken: Cancellation);
        Assert.All(["redis", "postgres", "rabbitmq"], store => Assert.Contains($"\"{store}\":{{\"status\":\"Healthy\"", health, StringComparison.Ordinal));
    }

    public sealed class Running(Servers servers) : IAsyncLifetime
    {
        private FakeApi api = null!;

        internal ImportSystem System { get; private set; } = null!;

        internal Guid Import { get; private set; }

        public HttpClient Client => System.Client;

        public async ValueTask InitializeAsync()
        {
            api = await FakeApi.StartAsync();
            System = await ImportSystem.StartAsync(servers, api, workers: 0);
            Import = await System.ImportAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await System.DisposeAsync();
            await api.DisposeAsync();
        }
    }
}
