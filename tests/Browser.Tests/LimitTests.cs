using System.Net;
using static Microsoft.Playwright.Assertions;

namespace Sluice.BrowserTests;

public sealed class LimitTests(Site site)
{
    [Fact(Timeout = 300_000)]
    public async Task A_blocked_client_is_found_and_given_a_fresh_start()
    {
        using var client = site.CreateStranger();
        client.DefaultRequestHeaders.Add("X-API-Key", "test-client");
        await site.SignedInAsync(async visit =>
        {
            while (await StatusAsync() != HttpStatusCode.TooManyRequests)
            {
            }

            await visit.Link("Limits").ClickAsync();
            await visit.Link("test-client").ClickAsync();
            await Expect(visit.Page.Locator(".bucket-head")).ToContainTextAsync("blocked for");
            await visit.PictureAsync("limits");
            await visit.Button("Reset this bucket").ClickAsync();
            await Expect(visit.Page.Locator(".bucket-head")).ToContainTextAsync("passes");
        });

        Assert.Equal(HttpStatusCode.OK, await StatusAsync());

        async Task<HttpStatusCode> StatusAsync()
        {
            using var answer = await client.GetAsync("/api/data", TestContext.Current.CancellationToken);
            return answer.StatusCode;
        }
    }
}
