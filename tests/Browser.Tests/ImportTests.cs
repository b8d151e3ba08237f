using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Sluice.Testing;
using static Microsoft.Playwright.Assertions;

namespace Sluice.BrowserTests;

public sealed partial class ImportTests(Site site, ITestOutputHelper output)
{
    private static readonly string[] failing = ["7", "8"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Timeout = 300_000)]
    public async Task An_import_is_started_and_watched_to_its_end_and_what_failed_is_seen_and_tried_again() => await site.SignedInAsync(async visit =>
    {
        using var faults = await site.Operator.PutAsJsonAsync("/faults", new { failingIds = failing }, Cancellation);
        faults.EnsureSuccessStatusCode();
        await visit.Button("Start import").ClickAsync();
        await Expect(visit.Page).ToHaveURLAsync(ImportPage());
        var import = new Uri($"/imports/{visit.Page.Url.Split('/')[^1]}", UriKind.Relative);

        await FollowAsync(visit.Page, import);
        await Expect(visit.Page.Locator(".badge").First).ToHaveTextAsync("Completed");
        Assert.Equal((Site.Items - failing.Length, failing.Length), (await FigureAsync(visit.Page, "Imported"), await FigureAsync(visit.Page, "Failed")));
        await Expect(visit.Page.Locator(".items tbody code")).ToHaveTextAsync(failing);
        await Expect(visit.Page.Locator(".items tbody")).ToContainTextAsync("500");
        await visit.PictureAsync("import");

        using var mended = await site.Operator.DeleteAsync("/faults", Cancellation);
        await visit.Button("Retry failed").ClickAsync();
        await Expect(Figure(visit.Page, "Imported")).ToHaveAttributeAsync("value", $"{Site.Items}");
        await Expect(Figure(visit.Page, "Failed")).ToHaveAttributeAsync("value", "0");

        await visit.Link("Imports").First.ClickAsync();
        await Expect(visit.Page.Locator("tbody tr").First).ToContainTextAsync("Completed");
        await visit.PictureAsync("imports");
    });

    /// <summary>Compares the page with the API, until the import has ended: what the API knew is on the page soon after, and the page knows no more than it.</summary>
    private async Task FollowAsync(IPage page, Uri import)
    {
        var worst = TimeSpan.Zero;
        await Deadline.UntilAsync(async () =>
        {
            var known = await site.Operator.GetFromJsonAsync<JsonElement>(import, Cancellation);
            var since = Stopwatch.GetTimestamp();
            var imported = known.GetProperty("importedCount").GetInt64();
            long shown = 0;
            await Deadline.UntilAsync(async () => (shown = await FigureAsync(page, "Imported")) >= imported, $"the page shows {imported}", cancellationToken: Cancellation);
            worst = TimeSpan.FromTicks(Math.Max(worst.Ticks, Stopwatch.GetElapsedTime(since).Ticks));
            var then = await site.Operator.GetFromJsonAsync<JsonElement>(import, Cancellation);
            Assert.InRange(shown, imported, then.GetProperty("importedCount").GetInt64());
            return known.GetProperty("endedAt").ValueKind != JsonValueKind.Null;
        }, "the import ends", cancellationToken: Cancellation);

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"The page was behind the API by {worst.TotalSeconds:0.00} s at the most."));
    }

    private static ILocator Figure(IPage page, string name) =>
        page.Locator($"section[aria-labelledby=progress-title] .stat:has(dt:text-is('{name}')) dd:not(.note) sl-number");

    private static async Task<long> FigureAsync(IPage page, string name) =>
        long.Parse((await Figure(page, name).GetAttributeAsync("value"))!, CultureInfo.InvariantCulture);

    [GeneratedRegex("/dashboard/imports/.+")]
    private static partial Regex ImportPage();
}
