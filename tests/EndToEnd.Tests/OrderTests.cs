using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Sluice.Testing;

namespace Sluice.EndToEnd.Tests;

public sealed class OrderTests(Cluster cluster)
{
    [Fact(Timeout = 300_000)]
    public async Task Of_ten_posts_at_once_five_pass_the_limit_and_of_these_as_many_are_confirmed_as_there_is_stock()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        using var opened = await cluster.Operator.PostAsJsonAsync("/sales", new { sku = "drop", stock = 3, price = 10 }, cancellationToken);
        Assert.Equal(HttpStatusCode.Created, opened.StatusCode);

        using var buyer = cluster.CreateClient();
        buyer.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.7");
        var watch = Stopwatch.StartNew();
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => buyer.PostAsJsonAsync("/buy", new { sku = "drop" }, cancellationToken)));

        // One more for each second that it took; and who comes when the three are known to be gone is refused by the sale.
        var accepted = answers.Where(answer => answer.StatusCode == HttpStatusCode.Accepted).ToList();
        var passed = accepted.Count + answers.Count(answer => answer.StatusCode == HttpStatusCode.Conflict);
        Assert.InRange(passed, 5, 5 + (int)watch.Elapsed.TotalSeconds);
        Assert.Equal(10 - passed, answers.Count(answer => answer.StatusCode == HttpStatusCode.TooManyRequests));
        List<string> outcomes = [];
        foreach (var answer in accepted)
            outcomes.Add(await OutcomeAsync(buyer, answer.Headers.Location!, cancellationToken));
        Assert.Equal(["confirmed", "confirmed", "confirmed", .. Enumerable.Repeat("rejected", accepted.Count - 3)], outcomes.Order());

        var sale = await buyer.GetFromJsonAsync<JsonElement>(opened.Headers.Location, cancellationToken);
        Assert.Equal(30, sale.GetProperty("revenue").GetDecimal());
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
