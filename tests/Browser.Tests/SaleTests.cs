using System.Net;
using System.Net.Http.Json;
using Sluice.Testing;
using static Microsoft.Playwright.Assertions;

namespace Sluice.BrowserTests;

public sealed class SaleTests(Site site)
{
    private const int Stock = 20;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Timeout = 300_000)]
    public async Task A_sale_is_opened_and_seen_to_sell_out() => await site.SignedInAsync(async visit =>
    {
        await visit.Link("Sales").ClickAsync();
        await visit.Page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Open a sale" }).ClickAsync();
        await visit.Page.GetByLabel("SKU").FillAsync("drop");
        await visit.Page.GetByLabel("Units", new() { Exact = true }).FillAsync($"{Stock}");
        await visit.Page.GetByLabel("Price of one").FillAsync("19.90");
        await visit.Button("Open").ClickAsync();
        await Expect(visit.Heading("drop")).ToBeVisibleAsync();
        await Expect(visit.Page.GetByRole(Microsoft.Playwright.AriaRole.Meter, new() { Name = "Stock left" })).ToHaveAttributeAsync("aria-valuenow", $"{Stock}");

        await Task.WhenAll(Enumerable.Range(0, Stock + 5).Select(BuyAsync));

        await Expect(visit.Page.Locator(".badge").First).ToHaveTextAsync("sold out");
        await Expect(visit.Page.Locator(".stat:has(dt:text-is('Confirmed')) dd:not(.note) sl-number")).ToHaveAttributeAsync("value", $"{Stock}");
        await visit.PictureAsync("sale");
    });

    /// <summary>Each buyer is another client, and asks again with the same key where told to try again.</summary>
    private async Task BuyAsync(int buyer)
    {
        using var client = site.CreateStranger();
        client.DefaultRequestHeaders.Add("X-Forwarded-For", $"203.0.113.{buyer + 1}");
        client.DefaultRequestHeaders.Add("Idempotency-Key", $"buyer-{buyer}");
        HttpStatusCode status = default;
        await Deadline.UntilAsync(async () =>
        {
            using var answer = await client.PostAsJsonAsync("/buy", new { sku = "drop" }, Cancellation);
            return (status = answer.StatusCode) is not (HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests);
        }, $"buyer {buyer} has an answer", cancellationToken: Cancellation);

        // Conflict: it is sold out.
        Assert.True(status is HttpStatusCode.Accepted or HttpStatusCode.Conflict, $"buyer {buyer} was answered {status}");
    }
}
