using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.Configuration;
using Sluice.Testing;

namespace Sluice.Hosting.Tests.Dashboard;

/// <summary>An AppHost whose test has asked for the dashboard.</summary>
public sealed partial class AppHostDashboardTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Shows_the_resources_and_stops_and_starts_them()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.SampleHost>(
            ["--AppHost:BrowserToken=open", "--Front:Port=18082"], (options, _) => options.DisableDashboard = false, Deadline.Token());
        await using var cluster = await ClusterUnderTest.StartAsync(builder);
        await cluster.HealthyAsync("front");
        await cluster.HealthyAsync("aspire-dashboard");

        using var browser = new HttpClient(new SocketsHttpHandler { UseProxy = false, CookieContainer = new CookieContainer() }) { BaseAddress = cluster.App.GetEndpoint("aspire-dashboard", "http") };
        var page = await browser.GetStringAsync("/login?t=open", Stop);
        await ShowsAsync("echo-1", "Running");
        Assert.Contains("rabbitmq", page, StringComparison.Ordinal);
        Assert.DoesNotContain("aspire-dashboard", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Password", page, StringComparison.Ordinal);

        await CommandAsync("echo-1", "stop");
        Assert.Equal(KnownResourceStates.Exited, cluster.Now("echo-1").State!.Text);
        await ShowsAsync("echo-1", "Exited");
        await CommandAsync("echo-1", "start");
        await ShowsAsync("echo-1", "Running");

        using var lines = await browser.GetStreamAsync("/live/console/echo-1", Stop);
        using var reader = new StreamReader(lines);
        string? line;
        do
            line = await reader.ReadLineAsync(Stop).AsTask().Within();
        while (line?.Contains("is healthy", StringComparison.Ordinal) != true);

        using var echo = cluster.App.CreateHttpClient("echo");
        var environment = (await echo.GetFromJsonAsync<Dictionary<string, string>>("/environment", Stop))!;
        Assert.Equal(cluster.App.GetEndpoint("aspire-dashboard", "otlp-http").GetLeftPart(UriPartial.Authority), environment["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        Assert.Equal("http/protobuf", environment["OTEL_EXPORTER_OTLP_PROTOCOL"]);
        Assert.Matches("^x-otlp-api-key=[0-9a-f]{32}$", environment["OTEL_EXPORTER_OTLP_HEADERS"]);

        async Task ShowsAsync(string replica, string state) => await Deadline.UntilAsync(
            async () => Row(page = await browser.GetStringAsync("/", Stop), replica).Contains($">{state}", StringComparison.Ordinal), $"{replica} is shown as {state}", cancellationToken: Stop);

        async Task CommandAsync(string replica, string command)
        {
            page = await browser.GetStringAsync("/", Stop);
            using var form = new FormUrlEncodedContent([new("__RequestVerificationToken", VerificationToken().Match(page).Groups[1].Value)]);
            using var answer = await browser.PostAsync($"/resources/{replica}/commands/{command}", form, Stop);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Contains($"{replica}: {command} is done.", await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_test_that_does_not_ask_has_no_dashboard_and_no_telemetry()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.SampleHost>(Stop);
        await using var app = await builder.BuildAsync(Stop);

        Assert.DoesNotContain(builder.Resources, resource => resource.Name == "aspire-dashboard");
        Assert.Null(builder.Configuration["ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"]);
    }

    [Fact]
    public void A_port_that_is_taken_gives_way_to_a_free_one_with_a_word()
    {
        using var taken = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ASPNETCORE_URLS"] = $"http://localhost:{port}",
            ["ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"] = "nonsense",
            ["AppHost:BrowserToken"] = "chosen",
        }).Build();

        var settings = Aspire.Hosting.Dashboard.DashboardSettings.From(configuration, randomizePorts: false);

        Assert.NotEqual(port, settings.FrontendPort);
        Assert.Contains(settings.Notes, note => note.Contains($"Port {port} is taken", StringComparison.Ordinal) && note.Contains("--ASPNETCORE_URLS=", StringComparison.Ordinal));
        Assert.Contains(settings.Notes, note => note.Contains("'nonsense', which is no address", StringComparison.Ordinal));
        Assert.EndsWith("/login?t=chosen", settings.Greeting, StringComparison.Ordinal);
    }

    private static string Row(string page, string replica) => page.Split("<tr data-key=\"").FirstOrDefault(row => row.StartsWith($"{replica}\"", StringComparison.Ordinal)) ?? "";

    [GeneratedRegex("""name="__RequestVerificationToken" value="([^"]+)""")]
    private static partial Regex VerificationToken();
}
