using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Sluice.Testing;

namespace Sluice.EndToEnd.Tests;

/// <summary>The whole system with small windows: 50 per 2 s and 200 per 10 s, and a catalogue of 300 items.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    public const int Items = 300;

    private static readonly string[] services = ["gateway", "orchestrator", "detailworker", "itemapi"];

    private Cluster(DistributedApplication app, RecordingProxy proxy)
    {
        App = app;
        Proxy = proxy;
        Operator = app.CreateHttpClient("gateway", "http");
        Operator.DefaultRequestHeaders.Add("X-API-Key", "operator");
    }

    public DistributedApplication App { get; }

    public RecordingProxy Proxy { get; }

    public HttpClient Operator { get; }

    public static async Task<Cluster> StartAsync(CancellationToken cancellationToken)
    {
        var proxy = await RecordingProxy.StartAsync(cancellationToken);
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(cancellationToken);
        foreach (var name in services)
            Configure(builder.CreateResourceBuilder<ProjectResource>(name), proxy.Address);

        var app = await builder.BuildAsync(cancellationToken);
        await app.StartAsync(cancellationToken);
        foreach (var name in services)
            await app.ResourceNotifications.WaitForResourceHealthyAsync(name, cancellationToken);
        proxy.Target = app.GetEndpoint("gateway", "http");
        return new Cluster(app, proxy);
    }

    /// <summary>Starts an import of the catalogue and returns where it can be read.</summary>
    public async Task<Uri> ImportAsync(CancellationToken cancellationToken)
    {
        using var response = await Operator.PostAsJsonAsync("/imports", new { source = "items", fresh = true }, cancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.Accepted, response.StatusCode);
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
        Operator.Dispose();
        await App.DisposeAsync();
        await Proxy.DisposeAsync();
    }

    private static void Configure(IResourceBuilder<ProjectResource> project, string proxy)
    {
        project
            .WithEnvironment("Catalog__Items", Items.ToString(CultureInfo.InvariantCulture))
            .WithEnvironment("Sources__items__BaseAddress", proxy);
        foreach (var (prefix, index, permits, window) in (string[])["RateLimiting__Policies__items__Tiers", "Sources__items__Limits"]
            is var prefixes ? prefixes.SelectMany(prefix => new[] { (prefix, 0, 50, "00:00:02"), (prefix, 1, 200, "00:00:10") }) : [])
        {
            project
                .WithEnvironment($"{prefix}__{index}__Permits", permits.ToString(CultureInfo.InvariantCulture))
                .WithEnvironment($"{prefix}__{index}__Window", window);
        }
    }
}
