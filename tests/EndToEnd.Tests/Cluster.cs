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
public class Cluster() : AppHostCluster(typeof(Projects.AppHost)), IAsyncLifetime
{
    public const int Items = 300;

    private RecordingProxy proxy = null!;

    /// <summary>When the import's requests came, by the key that they carried.</summary>
    public IReadOnlyCollection<(string Caller, long Timestamp)> Arrivals => proxy.Arrivals;

    /// <summary>What the gateway has answered to the import's requests.</summary>
    public IReadOnlyCollection<(string PathAndQuery, HttpStatusCode Status)> Answers => proxy.Answers;

    public async ValueTask InitializeAsync()
    {
        var cancellationToken = Deadline.Token();
        proxy = await RecordingProxy.StartAsync(cancellationToken);
        await StartAsync(Settings(proxy.Address), cancellationToken);
        proxy.Target = App.GetEndpoint("gateway", "http");
    }

    /// <summary>Ends one replica of a service, or a server, without a warning.</summary>
    public async Task KillAsync(string replica, CancellationToken cancellationToken)
    {
        using var process = Process.GetProcessById(ProcessOf(replica));
        process.Kill();
        await process.WaitForExitAsync(cancellationToken);
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

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
        await proxy.DisposeAsync();
    }

    /// <summary>The state of each replica, or server.</summary>
    public string Describe(IEnumerable<string> replicas) => string.Join(", ", replicas.Select(replica => $"{replica}: {StateOf(replica).State?.Text} {StateOf(replica).HealthStatus}"));

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

        // A server that is slow on a busy machine is not taken to be away: there would be another five.
        ("RateLimiting__StoreTimeout", "00:00:30"),
        ("Orders__PublishTimeout", "00:00:30"),
        ("Catalog__Items", Items.ToString(CultureInfo.InvariantCulture)),
        ("Sources__items__BaseAddress", proxyAddress),
        .. Limits("RateLimiting__Policies__items__Tiers", (50, "00:00:02"), (200, "00:00:10")),
        .. Limits("Sources__items__Limits", (50, "00:00:02"), (200, "00:00:10")),
    ];
}
