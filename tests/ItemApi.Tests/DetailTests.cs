using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Sluice.Contracts;
using Sluice.ItemApi.Catalog;
using Sluice.Testing;

namespace Sluice.ItemApi.Tests;

public sealed class DetailTests(PostgresFixture postgres)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_item_has_name_description_and_price()
    {
        await using var catalogue = await Catalogue.StartAsync(postgres, 5, Stop);

        var text = await catalogue.Client.GetStringAsync("/api/items/3", Stop);
        using var json = JsonDocument.Parse(text);

        Assert.Equal(["id", "name", "description", "price"], json.RootElement.EnumerateObject().Select(field => field.Name));
        Assert.Equal(new ItemRecipe(seed: 1).Make(3), JsonSerializer.Deserialize(text, ItemsJson.Default.ItemDetail));
    }

    [Theory]
    [InlineData("6", HttpStatusCode.NotFound)]
    [InlineData("0", HttpStatusCode.NotFound)]
    [InlineData("9223372036854775807", HttpStatusCode.NotFound)]
    [InlineData("-1", HttpStatusCode.BadRequest)]
    [InlineData("abc", HttpStatusCode.BadRequest)]
    [InlineData("1.0", HttpStatusCode.BadRequest)]
    [InlineData("%201", HttpStatusCode.BadRequest)]
    [InlineData("9223372036854775808", HttpStatusCode.BadRequest)]
    public async Task What_is_not_an_item_is_refused_with_problem_details(string id, HttpStatusCode expected)
    {
        await using var catalogue = await Catalogue.StartAsync(postgres, 5, Stop);

        var answer = await catalogue.Client.GetAsync($"/api/items/{id}", Stop);
        using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Stop));

        Assert.Equal(expected, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal((int)expected, problem.RootElement.GetProperty("status").GetInt32());
        if (expected == HttpStatusCode.BadRequest)
            Assert.True(problem.RootElement.GetProperty("errors").TryGetProperty("id", out _));
    }

    [Fact]
    public async Task Head_answers_without_a_body()
    {
        await using var catalogue = await Catalogue.StartAsync(postgres, 5, Stop);
        using var request = new HttpRequestMessage(HttpMethod.Head, "/api/items/1");

        var answer = await catalogue.Client.SendAsync(request, Stop);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Health_names_postgres()
    {
        await using var catalogue = await Catalogue.StartAsync(postgres, 5, Stop);

        // Redis and RabbitMQ are away here, so it is 503 all in all.
        await Deadline.UntilAsync(
            async () =>
            {
                using var answer = await catalogue.Client.GetAsync("/health", Stop);
                var health = await answer.Content.ReadFromJsonAsync<JsonElement>(Stop);
                return health.GetProperty("checks").GetProperty("postgres").GetProperty("status").GetString() == "Healthy";
            },
            "PostgreSQL is healthy", cancellationToken: Stop);
    }
}
