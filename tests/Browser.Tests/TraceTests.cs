using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Sluice.BrowserTests;

public sealed class TraceTests(Site site)
{
    private static readonly string[] services = ["gateway", "orchestrator", "detailworker", "itemapi"];

    [Fact(Timeout = 300_000)]
    public async Task The_trace_of_an_import_leads_from_the_gateway_through_workers_to_the_database() => await site.VisitAsync(async visit =>
    {
        var location = await site.ImportAsync(TestContext.Current.CancellationToken);
        await site.UntilAsync(location, import => import.GetProperty("importedCount").GetInt32() > 0, "an item is imported", TestContext.Current.CancellationToken);

        await visit.Page.GotoAsync(site.TelemetryLink.ToString());
        await visit.Page.GetByRole(AriaRole.Navigation, new() { Name = "Pages" }).GetByRole(AriaRole.Link, new() { Name = "Traces" }).ClickAsync();
        await visit.Page.GetByLabel("Text").FillAsync("POST /imports");

        // The filter has taken effect: until then rows may go away from under a click.
        await Expect(visit.Page.GetByLabel("Text")).ToHaveAttributeAsync("value", "POST /imports");

        // The gateway refuses such a POST too, of who may not: a trace that ends there.
        await visit.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = "detailworker" })
            .GetByRole(AriaRole.Link, new() { Name = "gateway: POST /imports" }).First.ClickAsync();

        var spans = visit.Page.GetByRole(AriaRole.Table, new() { Name = "Spans of the trace" });
        foreach (var service in services)
            await Expect(spans.GetByText(service).First).ToBeVisibleAsync();
        await visit.PictureAsync("trace");
        await site.UntilAsync(location, import => import.GetProperty("status").GetString() == "completed", "the import ends", TestContext.Current.CancellationToken);
    });
}
