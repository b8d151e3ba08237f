using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Sluice.EndToEnd.Tests;
using Sluice.Testing;

[assembly: AssemblyFixture(typeof(Cluster))]

namespace Sluice.EndToEnd.Tests;

/// <summary>The whole system with small windows: 50 per 2 s and 200 per 10 s, and a catalogue of 300 items.</summary>
public sealed class Cluster : IAsyncLifetime
{
    public const int Items = 300;

    private static readonly string[] services = ["gateway", "orchestrator", "detailworker", "itemapi", "orderworker"];

    private RecordingProxy proxy = null!;
    private DistributedApplication app = null!;

    /// <summary>Calls the gateway with the operator's key.</summary>
    public HttpClient Operator { get; private set; } = null!;

    /// <summary>What the gateway has answered to the import's requests.</summary>
    public IReadOnlyCollection<(string PathAndQuery, HttpStatusCode Status)> Answers => proxy.Answers;

    public async ValueTask InitializeAsync()
    {
        var cancellationToken = Deadline.Token();
        proxy = await RecordingProxy.StartAsync(cancellationToken);
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(cancellationToken);
        foreach (var name in services)
            Configure(builder.CreateResourceBuilder<ProjectResource>(name), proxy.Address);

        app = await builder.BuildAsync(cancellationToken);
        await app.StartAsync(cancellationToken);
        foreach (var name in services)
            await app.ResourceNotifications.WaitForResourceHealthyAsync(name, cancellationToken);
        proxy.Target = app.GetEndpoint("gateway", "http");
        Operator = app.CreateHttpClient("gateway", "http");
        Operator.DefaultRequestHeaders.Add("X-API-Key", "operator");
    }

    public HttpClient CreateClient() => app.CreateHttpClient("gateway", "http");

    /// <summary>Ends one replica of a service without a warning.</summary>
    public async Task KillAsync(string replica, CancellationToken cancellationToken)
    {
        await foreach (var change in app.ResourceNotifications.WatchAsync(cancellationToken))
        {
            if (change.ResourceId != replica)
                continue;
            var pid = Convert.ToInt32(change.Snapshot.Properties.Single(property => property.Name == "executable.pid").Value, CultureInfo.InvariantCulture);
            using var process = Process.GetProcessById(pid);
            process.Kill();
            await process.WaitForExitAsync(cancellationToken);
            return;
        }
    }

    /// <summary>Starts an import of the catalogue and returns where it can be read.</summary>
    public async Task<Uri> ImportAsync(CancellationToken cancellationToken)
    {
        using var response = await Operator.PostAsJsonAsync("/imports", new { source = "items", fresh = true }, cancellationToken);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        return response.Headers.Location!;
    }

    /// <summary>Waits until the import at <paramref name="location"/> has come to the state, and returns it.</summary>
    public async Task<JsonElement> UntilAsync(Uri location, Func<JsonElement, bool> state, string what, CancellationToken cancellationToken)
    {
        JsonElement import = default;
        await Deadline.UntilAsync(
            async () => state(import = await Operator.GetFromJsonAsync<JsonElement>(location, cancellationToken)),
            what, TimeSpan.FromMinutes(2), cancellationToken);
        return import;
    }

    /// <summary>Watches the import at <paramref name="location"/> to its end, and returns the names of what was told.</summary>
    public async Task<List<string>> EventsAsync(Uri location, CancellationToken cancellationToken)
    {
        List<string> names = [];
        await using var body = await Operator.GetStreamAsync(new Uri($"{location}/events", UriKind.Relative), cancellationToken);
        await foreach (var item in SseParser.Create(body).EnumerateAsync(cancellationToken))
            names.Add(item.EventType);
        return names;
    }

    /// <summary>All items of the import, page after page.</summary>
    public async Task<List<JsonElement>> ItemsAsync(Uri location, CancellationToken cancellationToken)
    {
        List<JsonElement> items = [];
        string? cursor = null;
        do
        {
            var page = await Operator.GetFromJsonAsync<JsonElement>($"{location}/items?limit=100&cursor={cursor}", cancellationToken);
            items.AddRange(page.GetProperty("data").EnumerateArray());
            cursor = page.TryGetProperty("nextCursor", out var next) ? next.GetString() : null;
        }
        while (cursor is not null);
        return items;
    }

    public async ValueTask DisposeAsync()
    {
        Operator?.Dispose();
        if (app is not null)
            await app.DisposeAsync();
        await proxy.DisposeAsync();
    }

    private static void Configure(IResourceBuilder<ProjectResource> project, string proxy)
    {
        // A bucket of five that doesn't fill while a test runs.
        project
            .WithEnvironment("RateLimiting__Policies__buy__Tiers__0__Window", "01:00:00")
            .WithEnvironment("Catalog__Items", Items.ToString(CultureInfo.InvariantCulture))
            .WithEnvironment("Sources__items__BaseAddress", proxy);
        foreach (var limits in (string[])["RateLimiting__Policies__items__Tiers", "Sources__items__Limits"])
        {
            project
                .WithEnvironment($"{limits}__0__Permits", "50").WithEnvironment($"{limits}__0__Window", "00:00:02")
                .WithEnvironment($"{limits}__1__Permits", "200").WithEnvironment($"{limits}__1__Window", "00:00:10");
        }
    }
}
