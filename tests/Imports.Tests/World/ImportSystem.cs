using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Sluice.DetailWorker;
using Sluice.ImportOrchestrator;
using Sluice.ImportOrchestrator.Api;
using Sluice.ImportOrchestrator.Backfills;
using Sluice.ImportOrchestrator.Control;
using Sluice.ImportOrchestrator.Events;
using Sluice.ImportOrchestrator.Throughput;
using Sluice.Sources;
using Sluice.Sources.Rehearsal;
using Sluice.Testing;

namespace Sluice.ImportTests.World;

/// <summary>An orchestrator and workers with a database and a virtual host of their own, the source <c>shop</c> of items, and <c>diary</c> of days.</summary>
internal sealed class ImportSystem : IAsyncDisposable
{
    /// <summary>A request that a test holds for as long as it needs to shall not be given up meanwhile.</summary>
    public const string Lease = "00:01:00";

    private readonly Dictionary<string, string?> settings;
    private readonly List<IHost> workers = [];
    private readonly List<WebApplication> others = [];
    private TimeProvider clock = TimeProvider.System;
    private WebApplication? orchestrator;
    private HttpClient? client;

    private ImportSystem(Dictionary<string, string?> settings)
    {
        this.settings = settings;
        Database = NpgsqlDataSource.Create(settings["ConnectionStrings:imports"]!);
    }

    public NpgsqlDataSource Database { get; }

    public IReadOnlyDictionary<string, string?> Settings => settings;

    public HttpClient Client => client ?? throw new InvalidOperationException("The orchestrator is stopped.");

    public IBus Bus => orchestrator!.Services.GetRequiredService<IBus>();

    /// <param name="settings">Over the usual ones; null takes one away.</param>
    public static Task<ImportSystem> StartAsync(Servers servers, FakeApi api, int workers = 1, params (string Key, string? Value)[] settings) =>
        StartAsync(servers, api, TimeProvider.System, workers, settings);

    public static async Task<ImportSystem> StartAsync(
        Servers servers, FakeApi api, TimeProvider clock, int workers, params (string Key, string? Value)[] settings)
    {
        var system = new ImportSystem(await SettingsAsync(servers, api, settings)) { clock = clock };
        await system.StartOrchestratorAsync();
        for (var number = 0; number < workers; number++)
            await system.StartWorkerAsync();
        return system;
    }

    public async Task StartOrchestratorAsync()
    {
        orchestrator = await RunOrchestratorAsync();
        client = new HttpClient { BaseAddress = new Uri(orchestrator.Urls.Single()) };
    }

    /// <summary>Beside the one that is asked.</summary>
    public async Task StartOtherOrchestratorAsync() => others.Add(await RunOrchestratorAsync());

    public async Task StopOrchestratorAsync()
    {
        if (orchestrator is null)
            return;
        await orchestrator.StopAsync(CancellationToken.None);
        await orchestrator.DisposeAsync();
        orchestrator = null;
        client?.Dispose();
        client = null;
    }

    public async Task<IHost> StartWorkerAsync()
    {
        var worker = BuildWorker(settings, clock);
        workers.Add(worker);
        await worker.StartAsync(TestContext.Current.CancellationToken);
        return worker;
    }

    public async Task StopWorkerAsync(IHost worker)
    {
        workers.Remove(worker);
        await StopAsync(worker);
    }

    public async Task StopWorkersAsync()
    {
        foreach (var worker in workers)
            await StopAsync(worker);
        workers.Clear();
    }

    /// <summary>A part of the orchestrator.</summary>
    public T Service<T>() where T : notnull => orchestrator!.Services.GetRequiredService<T>();

    /// <summary>Returns when all processes have rehearsed; where that failed too.</summary>
    public Task RehearsedAsync() => Task.WhenAll(workers.Select(worker => worker.Services).Append(orchestrator!.Services)
        .SelectMany(services => services.GetServices<IHostedService>().OfType<StartRehearsal>())
        .Select(rehearsal => rehearsal.ExecuteTask!));

    public async ValueTask DisposeAsync()
    {
        await StopWorkersAsync();
        await StopOrchestratorAsync();
        foreach (var other in others)
        {
            await other.StopAsync(CancellationToken.None);
            await other.DisposeAsync();
        }

        await Database.DisposeAsync();
    }

    /// <summary>A worker of the same parts as its Program.</summary>
    public static IHost BuildWorker(IEnumerable<KeyValuePair<string, string?>> settings, TimeProvider? clock = null)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { EnvironmentName = Environments.Development });
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(settings);
        builder.AddServiceDefaults();
        builder.AddSources();
        builder.AddDetailWorker();
        builder.Services.AddSingleton(clock ?? TimeProvider.System);
        return builder.Build();
    }

    /// <summary>An orchestrator of the same parts as its Program.</summary>
    private async Task<WebApplication> RunOrchestratorAsync()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = Environments.Development });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(settings);
        builder.AddServiceDefaults();
        builder.AddSources();
        builder.AddImports();
        builder.Services.AddSingleton(clock);

        var orchestrator = builder.Build();
        orchestrator.UseServiceDefaults();
        orchestrator.MapImports();
        orchestrator.MapImportControl();
        orchestrator.MapImportEvents();
        orchestrator.MapBackfills();
        orchestrator.MapThroughput();
        orchestrator.MapDefaultEndpoints();
        await orchestrator.StartAsync(TestContext.Current.CancellationToken);
        return orchestrator;
    }

    private static async Task StopAsync(IHost worker)
    {
        await worker.StopAsync(CancellationToken.None);
        worker.Dispose();
    }

    private static async Task<Dictionary<string, string?>> SettingsAsync(Servers servers, FakeApi api, (string Key, string? Value)[] settings)
    {
        var all = new Dictionary<string, string?>
        {
            ["ConnectionStrings:redis"] = servers.Redis.ConnectionString,
            ["Sources:shop:BaseAddress"] = api.Address,
            ["Sources:shop:Account"] = Guid.NewGuid().ToString(),
            ["Sources:shop:List:Path"] = "list?page={page}&size={size}",
            ["Sources:shop:List:PageSize"] = "20",
            ["Sources:shop:List:Items"] = "data",
            ["Sources:shop:List:Name"] = "name",
            ["Sources:shop:List:TotalPages"] = "meta.pages",
            ["Sources:shop:Detail:Path"] = "items/{id}",
            ["Sources:shop:Detail:Description"] = "description",
            ["Sources:shop:Detail:Price"] = "price",
            ["Sources:shop:Lease"] = Lease,
            ["Sources:shop:Limits:0:Permits"] = "100000",
            ["Sources:shop:Limits:0:Window"] = "00:00:00.010",
            ["Sources:shop:RetryDelays:0"] = "00:00:00.005",
            ["Sources:shop:RetryDelays:1"] = "00:00:00.010",
            ["Sources:shop:RetryDelays:2"] = "00:00:00.020",
            ["Sources:shop:RetryDelays:3"] = "00:00:00.040",
            ["Sources:diary:Kind"] = "Days",
            ["Sources:diary:BaseAddress"] = api.Address,
            ["Sources:diary:Account"] = Guid.NewGuid().ToString(),
            ["Sources:diary:List:Path"] = "records?date={date}&cursor={cursor}&size={size}",
            ["Sources:diary:List:Style"] = "Cursor",
            ["Sources:diary:List:PageSize"] = "10",
            ["Sources:diary:List:Items"] = "data",
            ["Sources:diary:List:NextCursor"] = "next",
            ["Sources:diary:Lease"] = Lease,
            ["Sources:diary:Limits:0:Permits"] = "100000",
            ["Sources:diary:Limits:0:Window"] = "00:00:00.010",
            ["Sources:diary:RetryDelays:0"] = "00:00:00.005",
            ["Sources:diary:RetryDelays:1"] = "00:00:00.010",
            ["Imports:DispatchInterval"] = "00:00:00.050",
            ["Events:Interval"] = "00:00:00.050",
            ["Imports:SweepInterval"] = "00:00:00.200",
            ["Imports:WatchInterval"] = "00:00:00.100",
            ["Imports:Rehearse"] = "false",
        };
        foreach (var (key, value) in settings)
        {
            all.Remove(key);
            if (value is not null)
                all.Add(key, value);
        }

        if (!all.ContainsKey("ConnectionStrings:imports"))
            all["ConnectionStrings:imports"] = await servers.Postgres.CreateDatabaseAsync(cancellationToken: TestContext.Current.CancellationToken);
        all["ConnectionStrings:rabbitmq"] = await servers.RabbitMq.CreateVirtualHostAsync(TestContext.Current.CancellationToken);
        return all;
    }
}
