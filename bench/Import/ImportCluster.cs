using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Sluice.Bench.Processes;
using Sluice.Testing;

namespace Sluice.Bench.Import;

/// <summary>The servers, the API, an orchestrator and workers, each in a process of its own.</summary>
internal sealed class ImportCluster : IAsyncDisposable
{
    private static readonly TimeSpan Glance = TimeSpan.FromSeconds(2);

    private readonly List<IAsyncDisposable> parts = [];
    private readonly List<Child> workers = [];
    private HttpClient orchestrator = null!;

    public string Api { get; private init; } = "";

    public HttpClient ApiClient { get; private init; } = null!;

    /// <param name="workerCount">Processes of DetailWorker.</param>
    /// <param name="items">Of the catalogue.</param>
    /// <param name="limits">Permits and seconds; none: no limits.</param>
    public static async Task<ImportCluster> StartAsync(int workerCount, int items, params (int Permits, double Seconds)[] limits)
    {
        var (apiPort, orchestratorPort) = (Built.FreePort(), Built.FreePort());
        var api = $"http://127.0.0.1:{apiPort}/";
        var cluster = new ImportCluster { Api = api, ApiClient = new HttpClient { BaseAddress = new Uri(api) } };
        var (redis, postgres, rabbitMq) = (RedisServer.StartAsync(), PostgresServer.StartAsync(), RabbitMqServer.StartAsync());
        cluster.parts.AddRange([await redis, await postgres, await rabbitMq]);
        List<(string, string)> settings =
        [
            ("DOTNET_ENVIRONMENT", "Development"), ("ASPNETCORE_ENVIRONMENT", "Development"), ("Logging__LogLevel__Default", "Warning"),
            ("ConnectionStrings__redis", (await redis).ConnectionString), ("ConnectionStrings__rabbitmq", (await rabbitMq).ConnectionString),
            ("ConnectionStrings__imports", await (await postgres).CreateDatabaseAsync("imports")),
            ("Sources__shop__BaseAddress", api), ("Sources__shop__List__Items", "data"), ("Sources__shop__List__Name", "name"),
            ("Sources__shop__List__Path", string.Create(CultureInfo.InvariantCulture, $"list?page={{page}}&size={{size}}&items={items}")),
            ("Sources__shop__List__TotalPages", "pages"), ("Sources__shop__Detail__Path", "items/{id}"),
            ("Sources__shop__Detail__Description", "description"), ("Sources__shop__Detail__Price", "price"),
            .. (limits.Length > 0 ? limits : [(1_000_000, 1.0)]).SelectMany((limit, index) => ((string, string)[])
            [
                (FormattableString.Invariant($"Sources__shop__Limits__{index}__Permits"), limit.Permits.ToString(CultureInfo.InvariantCulture)),
                (FormattableString.Invariant($"Sources__shop__Limits__{index}__Window"), TimeSpan.FromSeconds(limit.Seconds).ToString("c")),
            ]),
        ];
        cluster.parts.Add(await Child.StartAsync(
            Path.Combine(AppContext.BaseDirectory, "Bench.dll"),
            ["import-api", $"{apiPort}", .. limits.Select(limit => FormattableString.Invariant($"{limit.Permits}/{limit.Seconds}"))], apiPort));
        var orchestrator = await Child.StartAsync(
            Built.Program("ImportOrchestrator"), [], orchestratorPort, [.. settings, ("ASPNETCORE_URLS", $"http://127.0.0.1:{orchestratorPort}")]);
        cluster.parts.Add(orchestrator);
        for (var number = 0; number < workerCount; number++)
            cluster.workers.Add(Child.Start(Built.Program("DetailWorker"), [], settings));
        cluster.orchestrator = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{orchestratorPort}") };
        await cluster.WarmApiAsync();
        await cluster.ComeToRestAsync([orchestrator, .. cluster.workers]);
        return cluster;
    }

    /// <summary>Imports all.</summary>
    /// <returns>The import as it ended, and the seconds from the call that starts it to its end.</returns>
    public async Task<(JsonElement Import, double Seconds)> ImportAsync()
    {
        var posted = TimeProvider.System.GetUtcNow();
        using var started = await orchestrator.PostAsJsonAsync("/imports", new { source = "shop" });
        started.EnsureSuccessStatusCode();
        while (true)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
            var import = await orchestrator.GetFromJsonAsync<JsonElement>(started.Headers.Location);
            if (import.GetProperty("endedAt") is { ValueKind: JsonValueKind.String } ended)
                return (import, (ended.GetDateTimeOffset() - posted).TotalSeconds);
        }
    }

    /// <summary>Of all workers together, in MB.</summary>
    public double ResidentMegabytes() => workers.Sum(worker => worker.ResidentMegabytes());

    public async ValueTask DisposeAsync()
    {
        orchestrator?.Dispose();
        ApiClient.Dispose();
        foreach (var part in workers.Concat(Enumerable.Reverse(parts)))
            await part.DisposeAsync();
    }

    // It is a server of somebody else's that has long been there.
    private async Task WarmApiAsync()
    {
        await ApiClient.GetStringAsync("list?page=1&size=1&items=1");
        await ApiClient.GetStringAsync("items/1");
        await ApiClient.PostAsync("reset", null);
    }

    /// <summary>Waits for what a user of a cluster waits for: all are healthy, and done with starting.</summary>
    private async Task ComeToRestAsync(IReadOnlyList<Child> services)
    {
        await orchestrator.GetStringAsync("/health");
        TimeSpan[] before = [], now = [];
        do
        {
            before = now;
            await Task.Delay(Glance, TimeProvider.System);
            now = [.. services.Select(service => service.ProcessorTime())];
        }
        while (before.Length == 0 || before.Zip(now).Any(times => times.Second - times.First > Glance / 20));
    }
}
