using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using RabbitMQ.Client;
using Sluice.Contracts;
using Sluice.ItemApi.Catalog;
using Sluice.OrderWorker;
using Sluice.Testing;
using StackExchange.Redis;

namespace Sluice.OrderTests.World;

/// <summary>An ItemApi, as its Program makes it, and workers, on a database of their own.</summary>
internal sealed class OrderSystem : IAsyncDisposable
{
    private readonly Dictionary<string, string> settings;
    private readonly List<IHost> workers = [];
    private readonly List<WorkerProcess> processes = [];
    private readonly WebApplicationFactory<CatalogOptions> factory;

    private OrderSystem(Dictionary<string, string> settings)
    {
        this.settings = settings;
        Database = NpgsqlDataSource.Create(settings["ConnectionStrings:inventory"]);
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

    public IReadOnlyDictionary<string, string> Settings => settings;

    /// <summary>Calls ItemApi as the gateway does for somebody without a key.</summary>
    public HttpClient Client { get; private set; } = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static Task<OrderSystem> StartAsync(Servers servers, int workers = 1, params (string Key, string Value)[] more) =>
        StartAsync(servers, workers, purge: true, more);

    /// <param name="purge">Lose what an earlier test left in the queues.</param>
    public static async Task<OrderSystem> StartAsync(Servers servers, int workers, bool purge, params (string Key, string Value)[] more)
    {
        var all = new Dictionary<string, string>
        {
            ["ConnectionStrings:inventory"] = await servers.Postgres.CreateDatabaseAsync(cancellationToken: Cancellation),
            ["ConnectionStrings:redis"] = servers.Redis.ConnectionString,
            ["ConnectionStrings:rabbitmq"] = servers.RabbitMq.ConnectionString,
            ["Catalog:Items"] = "0",
            ["Orders:QueueInterval"] = "00:00:00.020",
            ["Orders:FactsInterval"] = "00:00:00.050",
            ["Orders:SoldOutInterval"] = "00:00:00.020",
            ["Orders:WatchInterval"] = "00:00:00.020",
            ["OrderWorker:BatchWait"] = "00:00:00.010",
        };
        foreach (var (key, value) in more)
            all[key] = value;
        if (purge)
            await PurgeAsync(all["ConnectionStrings:rabbitmq"]);
        using (var redis = await ConnectionMultiplexer.ConnectAsync(all["ConnectionStrings:redis"]))
            await redis.GetDatabase().KeyDeleteAsync(SoldOut.Key);

        var system = new OrderSystem(all);

        // The factory starts its host synchronously.
        system.Client = await Task.Run(system.factory.CreateClient, Cancellation);
        for (var number = 0; number < workers; number++)
            await system.StartWorkerAsync();
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
    }

    private static async Task PurgeAsync(string broker)
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(broker) }.CreateConnectionAsync(Cancellation);
        foreach (var queue in (string[])[PlaceOrders.Endpoint, $"{PlaceOrders.Endpoint}_error", "settle-alone", "settle-alone_error"])
        {
            await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancellation);
            try
            {
                await channel.QueuePurgeAsync(queue, Cancellation);
            }
            catch (RabbitMQ.Client.Exceptions.OperationInterruptedException)
            {
                // There is no such queue yet.
            }
        }
    }
}
