using System.Diagnostics;
using System.Net;
using Aspire.Hosting.Servers;
using Sluice.Testing;

namespace Sluice.Hosting.Tests.Dashboard;

/// <summary>The dashboard as a process of its own, without an AppHost: pages and OTLP.</summary>
public sealed class DashboardProcess : IAsyncLifetime
{
    public const string Token = "the-token";
    public const string ApiKey = "the-key";

    private readonly int port = FreePorts.Next();
    private readonly int otlpPort = FreePorts.Next();
    private Process process = null!;

    public Uri Pages => new($"http://localhost:{port}");

    public Uri Otlp => new($"http://localhost:{otlpPort}");

    /// <summary>A browser that keeps cookies and follows nothing by itself.</summary>
    public HttpClient NewBrowser() => new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = Pages };

    public async Task<HttpClient> SignedInAsync()
    {
        var browser = NewBrowser();
        using var answer = await browser.GetAsync($"/login?t={Token}", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        return browser;
    }

    public HttpClient NewSender(string? key = ApiKey)
    {
        var sender = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = Otlp };
        if (key is not null)
            sender.DefaultRequestHeaders.Add("x-otlp-api-key", key);
        return sender;
    }

    public async ValueTask InitializeAsync()
    {
        process = Process.Start(new ProcessStartInfo("dotnet", ["exec", typeof(Aspire.Dashboard.DashboardOptions).Assembly.Location])
        {
            RedirectStandardOutput = true,
            Environment =
            {
                ["ASPNETCORE_URLS"] = Pages.ToString(),
                ["ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"] = Otlp.ToString(),
                ["Dashboard__Frontend__BrowserToken"] = Token,
                ["Dashboard__Otlp__PrimaryApiKey"] = ApiKey,
                ["Dashboard__TelemetryLimits__MaxRequestBytes"] = "1000000",
            },
        })!;
        using var browser = NewBrowser();
        await Deadline.UntilAsync(() => AnswersAsync(browser), "the dashboard answers");
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private async Task<bool> AnswersAsync(HttpClient browser)
    {
        Assert.False(process.HasExited, "The dashboard ended.");
        try
        {
            using var answer = await browser.GetAsync("/login");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
