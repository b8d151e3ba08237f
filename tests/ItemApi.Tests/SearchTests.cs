using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.ItemApi.Tests;

public sealed class SearchTests(PostgresFixture postgres, Stock stock) : IClassFixture<Stock>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_page_has_whole_items_and_says_what_was_searched_for()
    {
        await using var catalogue = await Stock.WithAsync(postgres, "(7, 'Copper Kettle', 'Sings.', 49.90)", Stop);

        var text = await catalogue.Client.GetStringAsync("/api/search?q=%20kettle%20", Stop);
        using var json = JsonDocument.Parse(text);
        var page = JsonSerializer.Deserialize(text, ItemsJson.Default.SearchPage)!;

        Assert.Equal(["data", "query", "page", "perPage", "total", "totalPages"], json.RootElement.EnumerateObject().Select(field => field.Name));
        Assert.Equal(
            ["id", "name", "description", "price"],
            json.RootElement.GetProperty("data")[0].EnumerateObject().Select(field => field.Name));
        Assert.Equal([new ItemDetail(7, "Copper Kettle", "Sings.", 49.90m)], page.Data);
        Assert.Equal(("kettle", 1, 10, 1, 1), (page.Query, page.Page, page.PerPage, page.Total, page.TotalPages));
    }

    [Theory]
    [InlineData("kettle", 1, 2)]
    [InlineData("KETTLES", 1, 2)]
    [InlineData("copper kettle", 1)]
    [InlineData("kettle copper", 1)]
    [InlineData("warranty", 1, 3)]
    [InlineData("kettle warranties", 1)]
    [InlineData("kett", 1, 2)]
    [InlineData("copper kett", 1)]
    [InlineData("kett copper")]
    [InlineData("trekk", 3)]
    [InlineData("trekkin", 3)]
    [InlineData("pour-ov", 4)]
    [InlineData("4", 4)]
    [InlineData("\"pour-over set\"", 4)]
    [InlineData("\"set pour-over\"")]
    [InlineData("\"kettles enamelled\"")]
    [InlineData("\"kettles easy\"")]
    [InlineData("\"copper kett")]
    [InlineData("copper or trekking", 1, 3)]
    [InlineData("copper or trekk", 1, 3)]
    [InlineData("kettle -copper", 2)]
    [InlineData("kettle -copp", 1, 2)]
    [InlineData("-kettle", 3, 4)]
    [InlineData("größe", 4)]
    [InlineData("gröss")]
    [InlineData("nowhere")]
    public async Task Words_phrases_alternatives_exclusions_and_beginnings_are_found(string q, params int[] expected)
    {
        var page = await SearchAsync(stock.Catalogue, q);

        Assert.Equal(expected, page.Data.Select(item => (int)item.Id).Order());
        Assert.Equal(expected.Length, page.Total);
    }

    [Fact]
    public async Task Items_whose_name_matches_come_before_those_whose_description_does_and_equals_in_order_of_id()
    {
        await using var catalogue = await Stock.WithAsync(
            postgres,
            """
            (1, 'Stand', 'For a harp: harp, harp, harp, harp and steel. Steel for the harp.', 1),
            (2, 'Steel Stand', 'For a harp.', 1), (3, 'Steel Harp', 'Sings.', 1), (9, 'Harp of Steel', 'Sings.', 1),
            (5, 'Stand', 'Some steel, and a few words between that and the harp.', 1), (6, 'Steel Harp', 'Sings.', 1)
            """,
            Stop);

        var page = await SearchAsync(catalogue, "steel harp");

        Assert.Equal([3, 6, 9, 2, 1, 5], page.Data.Select(item => item.Id));
    }

    [Fact]
    public async Task The_links_walk_through_all_that_was_found_once_in_order_of_rank()
    {
        await using var catalogue = await Catalogue.StartAsync(postgres, 3000, Stop);
        var all = await catalogue.ReadAsync<long[]>("select array(select id from items where name ~* 'steel|kettle' order by id)", Stop);

        var walked = await WalkAsync(catalogue, "/api/search?q=steel%20or%20kettle&perPage=7");

        Assert.Equal(await WalkAsync(catalogue, "/api/search?q=steel%20or%20kettle&perPage=100"), walked);
        Assert.Equal(all, walked.Order());
    }

    [Theory]
    [InlineData("page=2&perPage=2", "first:page=1&perPage=2|prev:page=1&perPage=2|next:page=3&perPage=2|last:page=3&perPage=2")]
    [InlineData("page=99999999999999999999&perPage=5000", "first:page=1&perPage=100|prev:page=1&perPage=100|last:page=1&perPage=100")]
    public async Task The_link_header_names_the_pages_around_with_the_words_encoded(string paging, string expected)
    {
        await using var catalogue = await Stock.WithAsync(
            postgres, string.Join(", ", Enumerable.Range(1, 5).Select(id => $"({id}, 'Tin', '', 1)")), Stop);
        const string q = "q=tin%20or%20%22a%2Cb%22%20%3C%26%3E%F0%9F%AB%96";

        var links = await catalogue.LinksAsync($"/api/search?{q}&{paging}", Stop);

        Assert.All(links.Values, link => Assert.StartsWith($"/api/search?{q}&", link));
        Assert.Equal(expected, string.Join('|', links.Select(link => $"{link.Key}:{link.Value[$"/api/search?{q}&".Length..]}")));
    }

    [Fact]
    public async Task Beyond_the_end_is_an_empty_page_that_knows_the_total()
    {
        await using var catalogue = await Stock.WithAsync(postgres, "(1, 'Tin', '', 1)", Stop);

        var page = (await catalogue.Client.GetFromJsonAsync("/api/search?q=tin&page=3", ItemsJson.Default.SearchPage, Stop))!;

        Assert.Empty(page.Data);
        Assert.Equal((3, 1, 1), (page.Page, page.Total, page.TotalPages));
    }

    [Fact]
    public async Task Head_answers_without_a_body()
    {
        await using var catalogue = await Stock.WithAsync(postgres, "(1, 'Tin', '', 1)", Stop);
        using var request = new HttpRequestMessage(HttpMethod.Head, "/api/search?q=tin");

        using var answer = await catalogue.Client.SendAsync(request, Stop);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static async Task<List<long>> WalkAsync(Catalogue catalogue, string address)
    {
        var ids = new List<long>();
        for (var next = address; next is not null;)
        {
            ids.AddRange((await catalogue.Client.GetFromJsonAsync(next, ItemsJson.Default.SearchPage, Stop))!.Data.Select(item => item.Id));
            next = (await catalogue.LinksAsync(next, Stop)).GetValueOrDefault("next");
        }

        return ids;
    }

    private static async Task<SearchPage> SearchAsync(Catalogue catalogue, string q) =>
        (await catalogue.Client.GetFromJsonAsync($"/api/search?q={Uri.EscapeDataString(q)}", ItemsJson.Default.SearchPage, Stop))!;
}
