using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Sluice.Contracts;
using Sluice.ItemApi.Catalog;
using Sluice.ItemApi.Orders;
using Sluice.OrderWorker;
using Sluice.Testing;

namespace Sluice.OrderTests.World;

/// <summary>An ItemApi, as its Program makes it, and workers, with databases and a virtual host of their own.</summary>
internal sealed class OrderSystem : IAsyncDisposable
{
    private const string Inventory = "ConnectionStrings:inventory";
    private const string Broker = "ConnectionStrings:rabbitmq";

    private readonly Dictionary<string, string> settings;
    private readonly List<IHost> workers = [];
    private readonly List<WorkerProcess> processes = [];
    private readonly RedisDatabase redis;
    private readonly WebApplicationFactory<CatalogOptions> factory;

    private OrderSystem(Dictionary<string, string> settings, RedisDatabase redis)
    {
        (this.settings, this.redis) = (settings, redis);
        Database = NpgsqlDataSource.Create(settings[Inventory]);
        factory = new WebApplicationFactory<CatalogOptions>().WithWebHostBuilder(host =>
        {
            host.UseUrls("http://127.0.0.1:0");
            foreach (var (key, value) in settings)
                host.UseSetting(key, value);
            host.ConfigureLogging(logging => logging.ClearProviders());
        });
        factory.UseKestrel();
    }

    public NpgsqlDataSource Database { get; }

    /// <summary>The connection string of its virtual host.</summary>
    public string RabbitMq => settings[Broker];

    public IReadOnlyDictionary<string, string> Settings => settings;

    /// <summary>Calls ItemApi as the gateway does for somebody without a key.</summary>
    public HttpClient Client { get; private set; } = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>
    /// Settings by which so many messages are settled in one batch, which their number closes: a message that is read late belongs to the next
    /// where time closes it.
    /// </summary>
    public static (string Key, string Value)[] OneBatchOf(int messages) =>
        [("OrderWorker:BatchMessages", $"{messages}"), ("OrderWorker:BatchWait", "00:00:10")];

    /// <param name="more">Over the usual settings.</param>
    public static async Task<OrderSystem> StartAsync(Servers servers, int workers = 1, params (string Key, string Value)[] more)
    {
        var system = await StartWithoutQueueAsync(servers, more);
        await Deadline.UntilAsync(
            () => Task.FromResult(system.Service<OrderQueue>().IsOpen), "the queue is open", cancellationToken: Cancellation);
        for (var number = 0; number < workers; number++)
            await system.StartWorkerAsync();
        return system;
    }

    /// <summary>An ItemApi that may not have found its broker yet.</summary>
    public static async Task<OrderSystem> StartWithoutQueueAsync(Servers servers, params (string Key, string Value)[] more)
    {
        var redis = await servers.Redis.LeaseDatabaseAsync(Cancellation);
        var settings = new Dictionary<string, string>
        {
            ["ConnectionStrings:redis"] = redis.ConnectionString,
            ["Catalog:Items"] = "0",
            ["Orders:QueueInterval"] = "00:00:00.020",
            ["Orders:FactsInterval"] = "00:00:00.050",
            ["Orders:SoldOutInterval"] = "00:00:00.020",
            ["Orders:WatchInterval"] = "00:00:00.020",
            ["Orders:PublishTimeout"] = "00:00:30",
            ["OrderWorker:BatchWait"] = "00:00:00.010",
        };
        foreach (var (key, value) in more)
            settings[key] = value;
        if (!settings.ContainsKey(Inventory))
            settings[Inventory] = await servers.Postgres.CreateDatabaseAsync(cancellationToken: Cancellation);
        if (!settings.ContainsKey(Broker))
            settings[Broker] = await servers.RabbitMq.CreateVirtualHostAsync(Cancellation);
        var system = new OrderSystem(settings, redis);

        // The factory starts its host synchronously.
        system.Client = await Task.Run(system.factory.CreateClient, Cancellation);
        return system;
    }

    public T Service<T>() where T : notnull => factory.Services.GetRequiredService<T>();

    /// <summary>A worker of the same parts as its Program.</summary>
    public async Task<IHost> StartWorkerAsync()
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { EnvironmentName = Environments.Development });
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.AddServiceDefaults();
        builder.AddOrderWorker();
        var worker = builder.Build();
        workers.Add(worker);
        await worker.StartAsync(Cancellation);
        return worker;
    }

    public async Task StopWorkerAsync(IHost worker)
    {
        workers.Remove(worker);
        await worker.StopAsync(CancellationToken.None);
        worker.Dispose();
    }

    public WorkerProcess StartWorkerProcess()
    {
        var process = WorkerProcess.Start(settings);
        processes.Add(process);
        return process;
    }

    /// <summary>Stock from its rows, and that it adds up.</summary>
    public async Task<InventoryBalance> BalanceAsync(string sku)
    {
        var balance = await ReadAsync($"select supplied, sold, stock, difference from inventory_balance where sku = '{sku}'", row =>
            new InventoryBalance(sku, row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3)));
        Assert.Equal(0, balance.Single().Difference);
        return balance.Single();
    }

    public async Task<List<T>> ReadAsync<T>(string sql, Func<NpgsqlDataReader, T> read)
    {
        await using var command = Database.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        List<T> rows = [];
        while (await reader.ReadAsync(Cancellation))
            rows.Add(read(reader));
        return rows;
    }

    public async Task<long> CountAsync(string sql) => (await ReadAsync(sql, row => row.GetInt64(0))).Single();

    public async ValueTask DisposeAsync()
    {
        foreach (var process in processes)
            process.Dispose();
        foreach (var worker in workers.ToList())
            await StopWorkerAsync(worker);
        await factory.DisposeAsync();
        await Database.DisposeAsync();
        redis.Dispose();
    }
}
