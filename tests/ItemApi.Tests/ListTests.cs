using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.ItemApi.Tests;

public sealed class ListTests(PostgresFixture postgres)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_parameters_the_first_ten_items_come()
    {
        await using var catalogue = await Catalogue.StartAsync(postgres, 25, Stop);

        var answer = await catalogue.Client.GetAsync("/api/items", Stop);
        using var page = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Stop));

        Assert.Equal(
            ["data", "page", "perPage", "total", "totalPages", "nextCursor"],
            page.RootElement.EnumerateObject().Select(field => field.Name));
        Assert.Equal(10, page.RootElement.GetProperty("data").GetArrayLength());
        Assert.Equal(25, page.RootElement.GetProperty("total").GetInt32());
        Assert.Equal(3, page.RootElement.GetProperty("totalPages").GetInt32());
        Assert.Equal(["id", "name"], page.RootElement.GetProperty("data")[0].EnumerateObject().Select(field => field.Name));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(2345)]
    public async Task Every_style_walks_the_whole_catalogue_once_in_order_though_ids_have_gaps(int items)
    {
        await using var catalogue = await Catalogue.StartAsync(postgres, items, Stop);
        await catalogue.RunAsync("delete from items where id % 7 = 3 or id between 1100 and 1900", Stop);
        var ids = await catalogue.ReadAsync<long[]>("select array(select id from items order by id)", Stop);

        Assert.Equal(ids, await WalkAsync(catalogue, "/api/items?page=1&perPage=37"));
        Assert.Equal(ids, await WalkAsync(catalogue, "/api/items?offset=0&limit=100"));
        Assert.Equal(ids, await WalkAsync(catalogue, $"/api/items?cursor={ItemApi.Items.ItemCursor.After(0)}&limit=64"));
    }

    [Fact]
    public async Task The_cursor_of_any_style_leads_on_to_the_end()
    {
        await using var catalogue = await Catalogue.StartAsync(postgres, 30, Stop);
        var first = await ReadAsync(catalogue.Client, "/api/items?limit=12");
        var second = await ReadAsync(catalogue.Client, $"/api/items?cursor={first.NextCursor}&limit=12");
        var third = await ReadAsync(catalogue.Client, $"/api/items?cursor={second.NextCursor}&limit=12");

        Assert.Equal(Enumerable.Range(1, 30).Select(id => (long)id), [.. Ids(first), .. Ids(second), .. Ids(third)]);
        Assert.Null(third.NextCursor);
        Assert.Null(second.Page);
        Assert.Equal((30L, 3L), (second.Total, second.TotalPages));
    }

    [Fact]
    public async Task Positions_are_right_again_after_rows_came_and_went()
    {
        await using var catalogue = await Catalogue.StartAsync(postgres, 3000, Stop);
        Assert.Equal([2501L], Ids(await ReadAsync(catalogue.Client, "/api/items?offset=2500&limit=1")));

        await catalogue.RunAsync("delete from items where id <= 1500", Stop);
        var page = await ReadAsync(catalogue.Client, "/api/items?offset=1200&limit=1");

        Assert.Equal([2701L], Ids(page));
        Assert.Equal(1500, page.Total);
    }

    [Theory]
    [InlineData("page=1&perPage=10", "first:page=1&perPage=10|next:page=2&perPage=10|last:page=3&perPage=10")]
    [InlineData("page=2&perPage=10", "first:page=1&perPage=10|prev:page=1&perPage=10|next:page=3&perPage=10|last:page=3&perPage=10")]
    [InlineData("page=3&perPage=10", "first:page=1&perPage=10|prev:page=2&perPage=10|last:page=3&perPage=10")]
    [InlineData("page=9&perPage=10", "first:page=1&perPage=10|prev:page=3&perPage=10|last:page=3&perPage=10")]
    [InlineData("page=1&perPage=5000", "first:page=1&perPage=100|last:page=1&perPage=100")]
    [InlineData("offset=10&limit=10", "first:offset=0&limit=10|prev:offset=0&limit=10|next:offset=20&limit=10|last:offset=20&limit=10")]
    [InlineData("offset=5&limit=10", "first:offset=0&limit=10|prev:offset=0&limit=10|next:offset=15&limit=10|last:offset=20&limit=10")]
    [InlineData("offset=90&limit=10", "first:offset=0&limit=10|prev:offset=20&limit=10|last:offset=20&limit=10")]
    public async Task The_link_header_names_the_pages_around(string query, string expected)
    {
        await using var catalogue = await Catalogue.StartAsync(postgres, 25, Stop);

        var links = await catalogue.LinksAsync($"/api/items?{query}", Stop);

        Assert.Equal(expected, string.Join('|', links.Select(link => $"{link.Key}:{link.Value.Split('?')[1]}")));
    }

    [Theory]
    [InlineData("perPage=abc", "perPage")]
    [InlineData("perPage=0", "perPage")]
    [InlineData("perPage=-5", "perPage")]
    [InlineData("perPage=", "perPage")]
    [InlineData("perPage=1e2", "perPage")]
    [InlineData("perPage=1.5", "perPage")]
    [InlineData("perPage=5&perPage=6", "perPage")]
    [InlineData("page=0", "page")]
    [InlineData("page=x&perPage=y", "page", "perPage")]
    [InlineData("offset=-1", "offset")]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=%EF%BC%95", "limit")]
    [InlineData("cursor=", "cursor")]
    [InlineData("cursor=nonsense", "cursor")]
    [InlineData("cursor=AQAAAAAAAAAKAAAAAA", "cursor")]
    [InlineData("page=1&limit=10", "limit")]
    [InlineData("perPage=1&offset=10&cursor=x", "offset", "cursor")]
    [InlineData("offset=1&cursor=x", "offset", "cursor")]
    public async Task Bad_input_is_400_and_names_the_fields(string query, params string[] fields)
    {
        await using var catalogue = await Catalogue.StartAsync(postgres, 1, Stop);

        var answer = await catalogue.Client.GetAsync($"/api/items?{query}", Stop);
        using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Stop));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(fields.Order(), problem.RootElement.GetProperty("errors").EnumerateObject().Select(fault => fault.Name).Order());
        Assert.All(fields, field => Assert.Contains(field, problem.RootElement.GetProperty("detail").GetString()!));
    }

    [Theory]
    [InlineData("perPage=101")]
    [InlineData("perPage=99999999999999999999")]
    [InlineData("limit=1000")]
    public async Task More_than_a_hundred_counts_as_a_hundred(string query)
    {
        await using var catalogue = await Catalogue.StartAsync(postgres, 150, Stop);

        var page = await ReadAsync(catalogue.Client, $"/api/items?{query}");

        Assert.Equal((100, 100), (page.PerPage, page.Data.Count));
    }

    [Theory]
    [InlineData("page=4")]
    [InlineData("page=99999999999999999999")]
    [InlineData("offset=30")]
    [InlineData("offset=99999999999999999999")]
    public async Task Beyond_the_end_is_an_empty_page(string query)
    {
        await using var catalogue = await Catalogue.StartAsync(postgres, 30, Stop);

        var page = await ReadAsync(catalogue.Client, $"/api/items?{query}");

        Assert.Empty(page.Data);
        Assert.Equal(30, page.Total);
        Assert.Null(page.NextCursor);
    }

    private static IEnumerable<long> Ids(ItemPage page) => page.Data.Select(item => item.Id);

    private static async Task<ItemPage> ReadAsync(HttpClient client, string address) =>
        (await client.GetFromJsonAsync(address, ItemsJson.Default.ItemPage, Stop))!;

    private static async Task<List<long>> WalkAsync(Catalogue catalogue, string address)
    {
        var ids = new List<long>();
        for (var next = address; next is not null;)
        {
            ids.AddRange(Ids(await ReadAsync(catalogue.Client, next)));
            next = (await catalogue.LinksAsync(next, Stop)).GetValueOrDefault("next");
        }

        return ids;
    }
}
