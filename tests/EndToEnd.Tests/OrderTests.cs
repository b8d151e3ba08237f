using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Sluice.Testing;

namespace Sluice.EndToEnd.Tests;

public sealed class OrderTests(Cluster cluster)
{
    [Fact(Timeout = 300_000)]
    public async Task Of_ten_posts_at_once_five_are_accepted_and_all_of_these_come_to_an_outcome()
    {
        var cancellationToken = TestContext.Current.CancellationToken;

        // Three take two each, and one unit is left: a SKU that is never sold out refuses nobody at once.
        using var opened = await cluster.Operator.PostAsJsonAsync("/sales", new { sku = "drop", stock = 7, price = 10 }, cancellationToken);
        Assert.Equal(HttpStatusCode.Created, opened.StatusCode);

        using var buyer = cluster.CreateClient();
        buyer.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.7");
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 10).Select(_ => buyer.PostAsJsonAsync("/buy", new { sku = "drop", quantity = 2 }, cancellationToken)));

        var accepted = answers.Where(answer => answer.StatusCode == HttpStatusCode.Accepted).ToList();
        Assert.Equal(5, accepted.Count);
        Assert.Equal(5, answers.Count(answer => answer.StatusCode == HttpStatusCode.TooManyRequests));
        List<string> outcomes = [];
        foreach (var answer in accepted)
            outcomes.Add(await OutcomeAsync(buyer, answer.Headers.Location!, cancellationToken));
        Assert.Equal(["confirmed", "confirmed", "confirmed", "rejected", "rejected"], outcomes.Order());

        var sale = await buyer.GetFromJsonAsync<JsonElement>(opened.Headers.Location, cancellationToken);
        Assert.Equal(60, sale.GetProperty("revenue").GetDecimal());
        using var events = await buyer.GetAsync($"{accepted[0].Headers.Location}/events", cancellationToken);
        Assert.Equal("text/event-stream", events.Content.Headers.ContentType?.MediaType);
    }

    [Theory(Timeout = 300_000)]
    [InlineData("/sales", """{"sku":"mine","stock":5}""")]
    [InlineData("/inventory/default/restock", """{"quantity":5}""")]
    public async Task Sales_and_stock_are_operators_business(string path, string body)
    {
        using var buyer = cluster.CreateClient();
        buyer.DefaultRequestHeaders.Add("X-API-Key", "test-client");

        using var answer = await buyer.PostAsync(path, new StringContent(body), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    private static async Task<string> OutcomeAsync(HttpClient buyer, Uri location, CancellationToken cancellationToken)
    {
        var status = "queued";
        await Deadline.UntilAsync(
            async () => (status = (await buyer.GetFromJsonAsync<JsonElement>(location, cancellationToken)).GetProperty("status").GetString()!) != "queued",
            "the order has an outcome", cancellationToken: cancellationToken);
        return status;
    }
}
