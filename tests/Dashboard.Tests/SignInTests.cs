using System.Net;
using System.Net.Http.Json;
using Sluice.ServiceDefaults.Startup;

namespace Sluice.Dashboard.Tests;

public sealed class SignInTests
{
    private const string Link = $"/login?t={DashboardUnderTest.Token}";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/dashboard/imports")]
    [InlineData("/dashboard/backfills")]
    [InlineData("/dashboard/nothing-of-the-kind")]
    [InlineData("/dashboard/_blazor/negotiate?negotiateVersion=1")]
    [InlineData("/dashboard/_blazor")]
    [InlineData("/dashboard/_blazor/initializers")]
    [InlineData("/dashboard/logout")]
    public async Task Nothing_answers_who_is_not_signed_in(string path)
    {
        await using var dashboard = await DashboardUnderTest.StartAsync();

        foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Post])
        {
            using var answer = await dashboard.SendAsync(method, path);

            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }
    }

    [Fact]
    public async Task A_browser_is_led_to_the_sign_in_page_which_needs_nothing_but_static_files()
    {
        await using var dashboard = await DashboardUnderTest.StartAsync();

        using var led = await dashboard.SendAsync(HttpMethod.Get, "/dashboard/imports", ("Accept", "text/html"));
        using var page = await dashboard.SendAsync(HttpMethod.Get, led.Headers.Location!.ToString(), ("Accept", "text/html"));
        var text = await page.Content.ReadAsStringAsync(Stop);

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Contains("Sign in to Sluice", text, StringComparison.Ordinal);
        foreach (var file in (string[])["css/look.css", "css/parts.css", "css/layout.css", "js/theme.js", "icon.svg", "_content/Radzen.Blazor/css/software-base.css"])
        {
            Assert.Contains(file, text, StringComparison.Ordinal);
            using var answer = await dashboard.SendAsync(HttpMethod.Get, $"/dashboard/{file}");
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    [Fact]
    public async Task A_link_signs_in_once_with_a_cookie_that_scripts_and_other_sites_do_not_get()
    {
        await using var dashboard = await DashboardUnderTest.StartAsync();

        using var first = await dashboard.SendAsync(HttpMethod.Get, Link);
        using var page = await dashboard.SendAsync(HttpMethod.Get, "/dashboard/imports", ("Accept", "text/html"));
        using var stranger = dashboard.NewClient();
        using var second = await stranger.GetAsync(Link, Stop);
        using var still = await stranger.GetAsync("/dashboard/imports", Stop);

        var cookie = Assert.Single(first.Headers.GetValues("Set-Cookie")).ToLowerInvariant();
        Assert.All(["httponly", "samesite=lax", "path=/dashboard"], attribute => Assert.Contains(attribute, cookie, StringComparison.Ordinal));
        Assert.Equal("/dashboard/imports", first.Headers.Location?.ToString());
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, second.StatusCode);
        Assert.Contains("does not sign in", await second.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, still.StatusCode);
    }

    [Fact]
    public async Task Of_many_who_follow_a_link_at_once_one_is_signed_in()
    {
        await using var dashboard = await DashboardUnderTest.StartAsync();
        using var stranger = dashboard.NewClient();

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => stranger.GetAsync(Link, Stop)));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Found);
    }

    [Fact]
    public async Task A_restart_keeps_who_is_signed_in_and_does_not_bring_a_used_link_back()
    {
        await using var before = await DashboardUnderTest.StartAsync();
        using var signedIn = await before.SendAsync(HttpMethod.Get, Link);
        var cookie = signedIn.Headers.GetValues("Set-Cookie").Single().Split(';')[0];

        await using var after = await DashboardUnderTest.StartAsync(before.Folder);
        using var page = await after.SendAsync(HttpMethod.Get, "/dashboard/imports", ("Cookie", cookie), ("Accept", "text/html"));
        using var again = await after.SendAsync(HttpMethod.Get, Link);

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, again.StatusCode);
    }

    [Fact]
    public async Task Only_an_operator_gets_a_new_link()
    {
        await using var dashboard = await DashboardUnderTest.StartAsync();

        using var refused = await dashboard.SendAsync(HttpMethod.Post, "/login-links", ("X-Client", "test-client"));
        using var made = await dashboard.SendAsync(HttpMethod.Post, "/login-links", ("X-Client-Roles", "operator"));
        var link = await made.Content.ReadFromJsonAsync<SignIn.LoginLink>(Stop);
        using var used = await dashboard.SendAsync(HttpMethod.Get, link!.Url);

        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.StartsWith(dashboard.Origin, link.Url, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Found, used.StatusCode);
    }

    [Fact]
    public void A_new_link_ends_after_its_lifetime_and_the_first_one_does_not()
    {
        using var links = new LinksUnderTest();
        var first = links.Links.CreateFirst();
        var inTime = links.Links.Create();
        var late = links.Links.Create();

        links.Time.Advance(links.Lifetime - TimeSpan.FromTicks(1));
        Assert.True(links.Links.TryUse(inTime.Token));
        links.Time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(links.Time.GetUtcNow(), late.Ends);
        Assert.False(links.Links.TryUse(late.Token));
        Assert.True(links.Links.TryUse(first));
    }

    [Fact]
    public async Task The_first_link_signs_in_once_its_service_has_started()
    {
        using var links = new LinksUnderTest();
        var service = links.CreateFirstLink();

        await service.StartAsync(Stop);

        Assert.True(links.Links.TryUse(DashboardUnderTest.Token));
    }

    [Fact]
    public async Task A_page_that_is_loaded_ahead_of_time_does_not_use_the_link_up()
    {
        await using var dashboard = await DashboardUnderTest.StartAsync();

        using var ahead = await dashboard.SendAsync(HttpMethod.Get, Link, ("Sec-Purpose", "prefetch;prerender"));
        using var followed = await dashboard.SendAsync(HttpMethod.Get, Link);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, ahead.StatusCode);
        Assert.Equal(HttpStatusCode.Found, followed.StatusCode);
    }

    [Fact]
    public async Task Without_a_key_it_does_not_start_in_Production_and_says_what_is_missing()
    {
        var fault = await Assert.ThrowsAnyAsync<Exception>(() => DashboardUnderTest.StartAsync(environment: "Production"));

        Assert.Contains("Dashboard:ApiKey is missing", (fault as StartupException ?? fault).ToString(), StringComparison.Ordinal);
    }
}
