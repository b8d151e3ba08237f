using System.Net;
using System.Net.Http.Headers;
using static Microsoft.Playwright.Assertions;

namespace Sluice.BrowserTests;

public sealed class SignInTests(Site site)
{
    [Fact(Timeout = 300_000)]
    public async Task A_link_signs_in_once()
    {
        var link = "";
        await site.VisitAsync(async visit =>
        {
            await visit.Page.GotoAsync(link = await site.LinkAsync());
            await Expect(visit.Heading("Imports")).ToBeVisibleAsync();
        });

        using var stranger = site.CreateStranger();
        using var again = await stranger.GetAsync(link, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, again.StatusCode);
        Assert.False(again.Headers.Contains("Set-Cookie"));
        Assert.Contains("This link does not sign in", await again.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact(Timeout = 300_000)]
    public async Task Signing_out_shuts_the_pages_again() => await site.SignedInAsync(async visit =>
    {
        await visit.Button("Sign out").ClickAsync();
        await Expect(visit.Heading("Sign in to Sluice")).ToBeVisibleAsync();
        await visit.Page.GotoAsync("/dashboard/limits");
        await Expect(visit.Heading("Sign in to Sluice")).ToBeVisibleAsync();
    });

    [Theory(Timeout = 300_000)]
    [InlineData("/", "/login")]
    [InlineData("/dashboard", "/login")]
    [InlineData("/dashboard/imports", "/login")]
    [InlineData("/dashboard/limits", "/login")]
    [InlineData("/dashboard/nowhere", "/login")]
    public async Task Without_a_sign_in_every_page_leads_to_the_sign_in_page(string path, string end)
    {
        using var stranger = site.CreateStranger();
        stranger.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("text/html"));

        using var answer = await stranger.GetAsync(path, TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.OK, end), (answer.StatusCode, answer.RequestMessage!.RequestUri!.AbsolutePath));
        Assert.Contains("Sign in to Sluice", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory(Timeout = 300_000)]
    [InlineData("POST", "/dashboard/_blazor/negotiate?negotiateVersion=1", HttpStatusCode.Unauthorized)]
    [InlineData("GET", "/dashboard/_blazor?id=1", HttpStatusCode.Unauthorized)]
    [InlineData("POST", "/dashboard/logout", HttpStatusCode.Unauthorized)]
    [InlineData("POST", "/login-links", HttpStatusCode.Unauthorized)]
    [InlineData("GET", "/dashboard/_framework/blazor.web.js", HttpStatusCode.OK)]
    public async Task Without_a_sign_in_nothing_but_static_files_answers(string method, string path, HttpStatusCode status)
    {
        using var stranger = site.CreateStranger();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using var answer = await stranger.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(status, answer.StatusCode);
    }
}
