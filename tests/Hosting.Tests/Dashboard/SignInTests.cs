using System.Net;

namespace Sluice.Hosting.Tests.Dashboard;

/// <summary>Who may see the pages, and what they may be made to do.</summary>
public sealed class SignInTests(DashboardProcess dashboard) : IClassFixture<DashboardProcess>
{
    [Theory]
    [InlineData("/")]
    [InlineData("/consolelogs/resource/gateway")]
    [InlineData("/structuredlogs")]
    [InlineData("/traces")]
    [InlineData("/traces/detail/1")]
    [InlineData("/metrics")]
    [InlineData("/live?topics=traces")]
    [InlineData("/live/console/gateway")]
    [InlineData("/not-found")]
    [InlineData("/nothing/here")]
    public async Task Without_sign_in_there_is_only_the_login_page(string path)
    {
        using var browser = dashboard.NewBrowser();
        using var answer = await browser.GetAsync(path, TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.Redirect, "/login"), (answer.StatusCode, answer.Headers.Location!.AbsolutePath));
    }

    [Fact]
    public async Task The_printed_link_signs_in_and_hides_the_token()
    {
        using var browser = dashboard.NewBrowser();
        using var answer = await browser.GetAsync($"/login?t={DashboardProcess.Token}&returnUrl=/traces", TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.Redirect, "/traces"), (answer.StatusCode, answer.Headers.Location!.ToString()));
        var cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"), cookie => cookie.StartsWith("aspire-local-", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie, StringComparison.Ordinal);
        Assert.Contains("samesite=lax", cookie, StringComparison.Ordinal);
        using var page = await browser.GetAsync("/traces", TestContext.Current.CancellationToken);
        Assert.Contains("default-src 'none'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Contains("<h1>Traces</h1>", await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_token_is_refused()
    {
        using var browser = dashboard.NewBrowser();
        using var answer = await browser.GetAsync("/login?t=the-tokem", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Contains("That token is wrong.", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        using var page = await browser.GetAsync("/", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Redirect, page.StatusCode);
    }

    [Fact]
    public async Task Leads_nowhere_but_to_itself()
    {
        using var browser = dashboard.NewBrowser();
        using var answer = await browser.GetAsync($"/login?t={DashboardProcess.Token}&returnUrl=//elsewhere.example/", TestContext.Current.CancellationToken);

        Assert.Equal("/", answer.Headers.Location!.ToString());
    }

    [Fact]
    public async Task A_page_of_another_origin_can_do_nothing()
    {
        using var browser = await dashboard.SignedInAsync();
        using var fromElsewhere = new HttpRequestMessage(HttpMethod.Post, "/resources/gateway/commands/stop") { Headers = { { "Origin", "http://localhost:5000" } } };
        using var refused = await browser.SendAsync(fromElsewhere, TestContext.Current.CancellationToken);
        using var withoutForm = await browser.PostAsync("/resources/gateway/commands/stop", null, TestContext.Current.CancellationToken);
        using var asAnotherHost = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { Host = "rebound.example" } };
        using var unknownHost = await browser.SendAsync(asAnotherHost, TestContext.Current.CancellationToken);

        Assert.Equal(
            (HttpStatusCode.Forbidden, HttpStatusCode.BadRequest, HttpStatusCode.BadRequest),
            (refused.StatusCode, withoutForm.StatusCode, unknownHost.StatusCode));
    }
}
