using System.Net;
using System.Net.WebSockets;

namespace Sluice.Dashboard.Tests;

public sealed class OtherSitesTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_hub_opens_to_pages_of_its_own_origin_alone()
    {
        await using var dashboard = await DashboardUnderTest.StartAsync();
        var cookie = await SignInAsync(dashboard);

        Assert.True(await OpensAsync(dashboard, cookie, dashboard.Origin));
        Assert.False(await OpensAsync(dashboard, cookie, "http://127.0.0.1:1"));
        Assert.False(await OpensAsync(dashboard, cookie, "https://elsewhere.example"));
        Assert.False(await OpensAsync(dashboard, cookie, "null"));
        Assert.False(await OpensAsync(dashboard, cookie: null, dashboard.Origin));
    }

    [Fact]
    public async Task What_another_site_posts_is_refused_and_a_form_needs_its_token()
    {
        await using var dashboard = await DashboardUnderTest.StartAsync();
        await SignInAsync(dashboard);

        foreach (var path in (string[])["/dashboard/logout", "/dashboard/_blazor/negotiate?negotiateVersion=1", "/dashboard/imports", "/login-links"])
        {
            using var other = await dashboard.SendAsync(HttpMethod.Post, path, ("Origin", "http://127.0.0.1:1"));
            using var sameSite = await dashboard.SendAsync(HttpMethod.Post, path, ("Sec-Fetch-Site", "same-site"));
            Assert.Equal(HttpStatusCode.Forbidden, other.StatusCode);
            Assert.Equal(HttpStatusCode.Forbidden, sameSite.StatusCode);
            Assert.DoesNotContain(other.Headers, header => header.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
        }

        using var noToken = await dashboard.SendAsync(HttpMethod.Post, "/dashboard/logout", ("Origin", dashboard.Origin));
        using var still = await dashboard.SendAsync(HttpMethod.Get, "/dashboard/imports", ("Accept", "text/html"));
        Assert.Equal(HttpStatusCode.BadRequest, noToken.StatusCode);
        Assert.Equal(HttpStatusCode.OK, still.StatusCode);
    }

    [Theory]
    [InlineData("/login")]
    [InlineData("/dashboard/imports")]
    [InlineData("/dashboard/js/theme.js")]
    public async Task Every_answer_tells_browsers_to_load_nothing_from_elsewhere(string path)
    {
        await using var dashboard = await DashboardUnderTest.StartAsync();
        await SignInAsync(dashboard);

        using var answer = await dashboard.SendAsync(HttpMethod.Get, path, ("Accept", "text/html"));

        var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("http", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("same-origin", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
    }

    private static async Task<string> SignInAsync(DashboardUnderTest dashboard)
    {
        using var signedIn = await dashboard.SendAsync(HttpMethod.Get, $"/login?t={DashboardUnderTest.Token}");
        return signedIn.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
    }

    private static async Task<bool> OpensAsync(DashboardUnderTest dashboard, string? cookie, string origin)
    {
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Origin", origin);
        if (cookie is not null)
            socket.Options.SetRequestHeader("Cookie", cookie);
        try
        {
            await socket.ConnectAsync(new Uri($"{dashboard.Origin.Replace("http:", "ws:", StringComparison.Ordinal)}/dashboard/_blazor"), Stop);
            return true;
        }
        catch (WebSocketException)
        {
            return false;
        }
    }
}
