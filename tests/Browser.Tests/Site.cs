using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Aspire.Hosting.Testing;
using Microsoft.Playwright;
using Sluice.BrowserTests;
using Sluice.Testing;

[assembly: AssemblyFixture(typeof(Site))]

// One cluster, one import of a source at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Sluice.BrowserTests;

/// <summary>The whole system with small windows, 60 per 1 s, and a browser before it. Without a browser nothing starts, and tests are skipped.</summary>
public sealed class Site() : AppHostCluster(typeof(Projects.AppHost)), IAsyncLifetime
{
    public const int Items = 150;

    private readonly string telemetryToken = RandomNumberGenerator.GetHexString(32, lowercase: true);
    private string? whyNot;
    private IPlaywright? playwright;
    private IBrowser? browser;

    public Uri Address => App.GetEndpoint("gateway", "http");

    /// <summary>Signs in to Aspire's dashboard, with the traces.</summary>
    public Uri TelemetryLink => new(App.GetEndpoint("aspire-dashboard", "http"), $"/login?t={telemetryToken}");

    public async ValueTask InitializeAsync()
    {
        var cancellationToken = Deadline.Token();
        (var chromium, whyNot) = await Chromium.FindAsync(cancellationToken);
        if (chromium is null)
            return;
        await StartAsync(Settings(), cancellationToken, telemetryToken);
        Assertions.SetDefaultExpectTimeout((float)Deadline.Default.TotalMilliseconds);
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = chromium,

            // Chromium's sandbox refuses to run as root.
            ChromiumSandbox = !Environment.IsPrivilegedProcess,
        });
    }

    /// <summary>A new link that signs in once.</summary>
    public async Task<string> LinkAsync()
    {
        using var response = await Operator.PostAsync("/login-links", null, TestContext.Current.CancellationToken);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("url").GetString()!;
    }

    /// <summary>Calls the gateway without a key or a cookie. Skips the test where there is no browser, and so no system.</summary>
    public HttpClient CreateStranger()
    {
        Assert.SkipWhen(whyNot is not null, whyNot ?? "");
        return CreateClient();
    }

    /// <summary>Somebody with a browser of their own, signed in, on a page that is live.</summary>
    /// <param name="visit">What they do.</param>
    public Task SignedInAsync(Func<Visit, Task> visit) => VisitAsync(async visitor =>
    {
        await visitor.Page.GotoAsync(await LinkAsync());

        // A click while the circuit takes the page over is lost, and who signs out meanwhile is told that the circuit is refused.
        await Assertions.Expect(visitor.LiveContent).ToBeVisibleAsync();
        await visit(visitor);
    });

    /// <summary>Somebody with a browser of their own. What its pages log as an error, or ask of other machines, fails the test.</summary>
    public async Task VisitAsync(Func<Visit, Task> visit)
    {
        Assert.SkipWhen(whyNot is not null, whyNot ?? "");
        await using var context = await browser!.NewContextAsync(new()
        {
            BaseURL = Address.ToString(),
            ViewportSize = new() { Width = 1280, Height = 800 },
            Locale = "en-GB",
            TimezoneId = "Europe/Berlin",
        });
        context.SetDefaultTimeout((float)Deadline.Default.TotalMilliseconds);
        var visitor = new Visit(await context.NewPageAsync());
        try
        {
            await visit(visitor);
        }
        catch (Exception failure)
        {
            await visitor.PictureAsync($"failed-{TestContext.Current.TestMethod?.MethodName}");
            throw new InvalidOperationException($"{visitor.Page.Url} said: {await visitor.Page.InnerTextAsync("body")}", failure);
        }

        visitor.AssertClean();
    }

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (browser is not null)
            await browser.DisposeAsync();
        playwright?.Dispose();
        await base.DisposeAsync();
    }

    private static IEnumerable<(string Name, string Value)> Settings() =>
    [
        ("Catalog__Items", $"{Items}"),

        // A server that stalls is not away.
        ("Orders__PublishTimeout", "00:00:30"),
        ("RateLimiting__StoreTimeout", "00:00:30"),
        ("Sources__items__RetryDelays__0", "00:00:00.100"),
        ("Sources__items__RetryDelays__1", "00:00:00.100"),
        ("Sources__items__RetryDelays__2", "00:00:00.100"),
        ("Sources__items__RetryDelays__3", "00:00:00.100"),
        .. Limits("RateLimiting__Policies__items__Tiers", (60, "00:00:01"), (240, "00:00:04")),
        .. Limits("Sources__items__Limits", (60, "00:00:01"), (240, "00:00:04")),
    ];
}
