using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.ItemApi.Tests;

public sealed class SearchInputTests(PostgresFixture postgres, Stock stock) : IClassFixture<Stock>
{
    private static readonly string[] Pieces =
    [
        "'", "\"", ":*", ":A", "&", "|", "!", "-", "<->", "<2>", "(", ")", "\\", "*", "%", "_", ";", "--", "$1", "{0}", ",", ".", "@", "/", "#", "+",
        "or", "and", "the", "not", "kettle", "kett", "steel", "pour-over", "2.5", "1e9", "http://a.b/c?d=e", "a@b.c", "<b>", "&amp;",
        "🫖", "é", "e\u0301", "ß", "İ", "水壶", "כלי", "\u200b", "\u202e", "\ufffd", " ", "\u00a0", "\u3000",
    ];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", "q")]
    [InlineData("q=", "q")]
    [InlineData("q=%20%20%E3%80%80", "q")]
    [InlineData("q=a&q=b", "q")]
    [InlineData("q=a%00b", "q")]
    [InlineData("q=a%0Ab", "q")]
    [InlineData("q=%7F", "q")]
    [InlineData("q=a&page=0", "page")]
    [InlineData("q=a&page=x&perPage=y", "page", "perPage")]
    [InlineData("q=a&page=", "page")]
    [InlineData("q=a&perPage=0", "perPage")]
    [InlineData("q=a&perPage=5&perPage=6", "perPage")]
    [InlineData("page=-1&perPage=1.5", "page", "perPage", "q")]
    public async Task Bad_input_is_400_and_names_the_fields(string query, params string[] fields)
    {
        using var answer = await stock.Catalogue.Client.GetAsync($"/api/search?{query}", Stop);
        using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Stop));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(fields.Order(), problem.RootElement.GetProperty("errors").EnumerateObject().Select(fault => fault.Name).Order());
        Assert.All(fields, field => Assert.Contains(field, problem.RootElement.GetProperty("detail").GetString()!));
    }

    [Fact]
    public async Task Faults_of_pages_read_as_those_of_the_list()
    {
        using var list = await stock.Catalogue.Client.GetAsync("/api/items?page=0&perPage=x", Stop);
        using var search = await stock.Catalogue.Client.GetAsync("/api/search?q=a&page=0&perPage=x", Stop);

        Assert.Equal(await ErrorsAsync(list), await ErrorsAsync(search));
    }

    [Theory]
    [InlineData("a", 200, HttpStatusCode.OK)]
    [InlineData("a", 201, HttpStatusCode.BadRequest)]
    [InlineData("🫖", 200, HttpStatusCode.OK)]
    [InlineData("🫖", 201, HttpStatusCode.BadRequest)]
    [InlineData("水", 200, HttpStatusCode.OK)]
    public async Task Two_hundred_characters_are_enough(string character, int count, HttpStatusCode expected)
    {
        var q = string.Concat(Enumerable.Repeat(character, count));

        using var answer = await stock.Catalogue.Client.GetAsync($"/api/search?q={Uri.EscapeDataString(q)}", Stop);

        Assert.Equal(expected, answer.StatusCode);
    }

    [Theory]
    [InlineData("perPage=101")]
    [InlineData("perPage=99999999999999999999")]
    public async Task More_than_a_hundred_counts_as_a_hundred(string perPage)
    {
        await using var catalogue = await Catalogue.StartAsync(postgres, 500, Stop);

        var page = await catalogue.Client.GetFromJsonAsync($"/api/search?q=warranty&{perPage}", ItemsJson.Default.SearchPage, Stop);

        Assert.Equal((100, 100), (page!.PerPage, page.Data.Count));
    }

    [Theory]
    [InlineData("'")]
    [InlineData(":*")]
    [InlineData("&|!")]
    [InlineData("the")]
    [InlineData("of the and a")]
    [InlineData("🫖")]
    [InlineData("½ ² ①")]
    [InlineData("'; drop table items; --")]
    [InlineData("%' or '1'='1")]
    [InlineData("%ED%A0%80")]
    public async Task Text_without_meaning_finds_nothing(string q)
    {
        var page = await stock.Catalogue.Client.GetFromJsonAsync($"/api/search?q={Uri.EscapeDataString(q)}", ItemsJson.Default.SearchPage, Stop);

        Assert.Equal((q, 0, 0), (page!.Query, page.Total, page.Data.Count));
        Assert.Equal((long)Stock.Items, await stock.Catalogue.ReadAsync<long>("select count(*) from items", Stop));
    }

    [Fact]
    public async Task Any_text_is_answered()
    {
        await using var catalogue = await Catalogue.StartAsync(postgres, 200, Stop);
        var random = new Random(1);

        for (var round = 0; round < 500; round++)
        {
            var q = string.Join(random.Next(2) == 0 ? " " : "", random.GetItems(Pieces, random.Next(1, 12)));
            if (string.IsNullOrWhiteSpace(q))
                continue;
            using var answer = await catalogue.Client.GetAsync($"/api/search?q={Uri.EscapeDataString(q)}", Stop);
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{answer.StatusCode}: {q}");
        }
    }

    private static async Task<string> ErrorsAsync(HttpResponseMessage answer)
    {
        using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Stop));
        return problem.RootElement.GetProperty("errors").GetRawText();
    }
}
