using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Sluice.EndToEnd.Tests;
using Sluice.Testing;

[assembly: AssemblyFixture(typeof(Cluster))]

// The clusters share one machine.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Sluice.EndToEnd.Tests;

/// <summary>The whole system with small windows: 50 per 2 s and 200 per 10 s, and a catalogue of 300 items.</summary>
public class Cluster : IAsyncLifetime
{
    public const int Items = 300;

    private static readonly string[] services = ["gateway", "orchestrator", "detailworker", "itemapi", "orderworker"];

    private RecordingProxy proxy = null!;

    protected DistributedApplication App { get; private set; } = null!;

    /// <summary>Calls the gateway with the operator's key.</summary>
    public HttpClient Operator { get; private set; } = null!;

    /// <summary>When the import's requests came, by the key that they carried.</summary>
    public IReadOnlyCollection<(string Caller, long Timestamp)> Arrivals => proxy.Arrivals;

    /// <summary>What the gateway has answered to the import's requests.</summary>
    public IReadOnlyCollection<(string PathAndQuery, HttpStatusCode Status)> Answers => proxy.Answers;

    public async ValueTask InitializeAsync()
    {
        var cancellationToken = Deadline.Token();
        proxy = await RecordingProxy.StartAsync(cancellationToken);
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(cancellationToken);
        foreach (var name in services)
        {
            var project = builder.CreateResourceBuilder<ProjectResource>(name);
            foreach (var (setting, value) in Settings(proxy.Address))
                project.WithEnvironment(setting, value);
        }

        App = await builder.BuildAsync(cancellationToken);
        await App.StartAsync(cancellationToken);
        foreach (var name in services)
            await App.ResourceNotifications.WaitForResourceHealthyAsync(name, cancellationToken);
        proxy.Target = App.GetEndpoint("gateway", "http");
        Operator = App.CreateHttpClient("gateway", "http");
        Operator.DefaultRequestHeaders.Add("X-API-Key", "operator");
    }

    public HttpClient CreateClient() => App.CreateHttpClient("gateway", "http");

    /// <summary>Ends one replica of a service, or a server, without a warning.</summary>
    public async Task KillAsync(string replica, CancellationToken cancellationToken)
    {
        using var process = Process.GetProcessById(ProcessOf(replica));
        process.Kill();
        await process.WaitForExitAsync(cancellationToken);
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
            async () => await TryReadAsync(location, cancellationToken) is { } current && state(import = current),
            what, TimeSpan.FromMinutes(4), cancellationToken);
        return import;
    }

    /// <summary>What is at <paramref name="location"/>; null while whoever knows it is away.</summary>
    public async Task<JsonElement?> TryReadAsync(Uri location, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await Operator.GetAsync(location, cancellationToken);
            return response.IsSuccessStatusCode ? await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken) : null;
        }
        catch (HttpRequestException)
        {
            return null;
        }
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
        GC.SuppressFinalize(this);
        Operator?.Dispose();
        if (App is not null)
            await App.DisposeAsync();
        await proxy.DisposeAsync();
    }

    /// <summary>The state of each replica, or server.</summary>
    public string Describe(IEnumerable<string> replicas) => string.Join(", ", replicas.Select(replica => $"{replica}: {StateOf(replica).State?.Text} {StateOf(replica).HealthStatus}"));

    /// <summary>The last lines that each replica, or server, wrote.</summary>
    public async Task<string> LogsAsync(IEnumerable<string> replicas)
    {
        const int last = 15;
        var logs = App.Services.GetRequiredService<ResourceLoggerService>();
        List<string> lines = [];
        foreach (var replica in replicas)
        {
            await foreach (var kept in logs.GetAllAsync(replica))
                lines.AddRange(kept.TakeLast(last).Select(line => $"{replica}: {line.Content}"));
        }

        return string.Join(Environment.NewLine, lines);
    }

    protected CustomResourceSnapshot StateOf(string replica) =>
        App.ResourceNotifications.TryGetCurrentState(replica, out var current) ? current.Snapshot : throw new ArgumentException($"There is no '{replica}'.", nameof(replica));

    /// <summary>The process that a replica is, or was at last.</summary>
    protected int ProcessOf(string replica) => Convert.ToInt32(
        StateOf(replica).Properties.Single(property => property.Name == "executable.pid").Value, CultureInfo.InvariantCulture);

    /// <summary>For all services.</summary>
    protected virtual IEnumerable<(string Name, string Value)> Settings(string proxyAddress) =>
    [
        // A bucket of five that doesn't fill while a test runs.
        ("RateLimiting__Policies__buy__Tiers__0__Window", "01:00:00"),
        ("Catalog__Items", Items.ToString(CultureInfo.InvariantCulture)),
        ("Sources__items__BaseAddress", proxyAddress),
        .. Limits("RateLimiting__Policies__items__Tiers", (50, "00:00:02"), (200, "00:00:10")),
        .. Limits("Sources__items__Limits", (50, "00:00:02"), (200, "00:00:10")),
    ];

    protected static IEnumerable<(string Name, string Value)> Limits(string path, params (int Permits, string Window)[] limits) =>
        limits.Index().SelectMany(limit => ((string, string)[])
        [
            ($"{path}__{limit.Index}__Permits", limit.Item.Permits.ToString(CultureInfo.InvariantCulture)),
            ($"{path}__{limit.Index}__Window", limit.Item.Window),
        ]);
}
