using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using Npgsql;
using Sluice.Bench.Processes;
using Sluice.Testing;

namespace Sluice.Bench.Orders;

/// <summary>
/// Two drops through the gateway, each of 20,000 buyers with an address of their own over 64 connections: one for 1,000 units, one for
/// 20,000; several of each, by turns. Every service and the load are processes of their own; then settlement by itself, next to one order per transaction.
/// </summary>
internal static class OrdersBench
{
    private const int Buyers = 20_000;
    private const int Connections = 64;
    private const int Rounds = 5;
    private static readonly int[] stocks = [1_000, 20_000];
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static async Task<int> RunAsync()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var postgres = await PostgresServer.StartAsync();
        await using var rabbitMq = await RabbitMqServer.StartAsync();
        var inventory = await postgres.CreateDatabaseAsync("inventory");
        await using var database = NpgsqlDataSource.Create(inventory);
        (string, string)[] stores =
        [
            ("ASPNETCORE_ENVIRONMENT", "Development"), ("DOTNET_ENVIRONMENT", "Development"),

            // As their launch profiles have it.
            ("DOTNET_TieredPGO", "0"), ("DOTNET_GCgen0size", "0x400000"),
            ("ConnectionStrings__redis", redis.ConnectionString), ("ConnectionStrings__rabbitmq", rabbitMq.ConnectionString),
            ("ConnectionStrings__inventory", inventory), ("ConnectionStrings__traffic", await postgres.CreateDatabaseAsync("traffic")),
        ];
        var (itemApiPort, gatewayPort) = (Built.FreePort(), Built.FreePort());
        await using var itemApi = await Child.StartAsync(
            Built.Program("ItemApi"), [], itemApiPort, [.. stores, ("ASPNETCORE_URLS", $"http://127.0.0.1:{itemApiPort}"), ("Catalog__Items", "0")]);
        await using var one = Child.Start(Built.Program("OrderWorker"), [], stores);
        await using var other = Child.Start(Built.Program("OrderWorker"), [], stores);
        await using var gateway = await Child.StartAsync(
            Built.Program("Gateway"), ["--contentRoot", Built.Folder("Gateway")], gatewayPort,
            [.. stores, ("ASPNETCORE_URLS", $"http://127.0.0.1:{gatewayPort}"), ("services__itemapi__http__0", $"http://127.0.0.1:{itemApiPort}")]);

        (string Name, Child[] Processes)[] services = [("gateway", [gateway]), ("ItemApi", [itemApi]), ("workers", [one, other])];
        var figures = stocks.ToDictionary(stock => stock, _ => new List<BuyFigures>());
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{gatewayPort}") };
        client.DefaultRequestHeaders.Add("X-API-Key", "operator");
        await DropAsync("warm-up", 5_000, 10_000);
        for (var round = 1; round <= Rounds; round++)
            foreach (var stock in stocks)
                figures[stock].Add(await DropAsync($"drop-{stock}-{round}", stock, Buyers));
        foreach (var (stock, drops) in figures)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"median of {Rounds} drops of {stock:N0} units: {Median(drops, drop => drop.Accepted / drop.AcceptSeconds):N0} accepts/s, accept p50 {Median(drops, drop => drop.P50Ms):0.0} ms, p99 {Median(drops, drop => drop.P99Ms):0.0} ms"));
        await SettlementBench.RunAsync(inventory);
        return 0;

        async Task<BuyFigures> DropAsync(string sku, int stock, int buyers)
        {
            var before = services.Select(ProcessorSeconds).ToList();
            var load = await OrdersBench.DropAsync(client, database, gatewayPort, sku, stock, buyers);
            Console.WriteLine("  processor time: " + string.Join(", ", services.Zip(before, (service, earlier) =>
                string.Create(CultureInfo.InvariantCulture, $"{service.Name} {ProcessorSeconds(service) - earlier:0.00} s"))));
            return load;
        }

        static double ProcessorSeconds((string, Child[] Processes) service) => service.Processes.Sum(process => process.ProcessorTime().TotalSeconds);

        static double Median(List<BuyFigures> drops, Func<BuyFigures, double> figure) => drops.Select(figure).Order().ElementAt(drops.Count / 2);
    }

    private static async Task<BuyFigures> DropAsync(HttpClient client, NpgsqlDataSource database, int gatewayPort, string sku, int stock, int buyers)
    {
        using var opened = await client.PostAsJsonAsync("/sales", new { sku, stock, price = 10 });
        if (opened.StatusCode != HttpStatusCode.Created)
            throw new InvalidOperationException(await opened.Content.ReadAsStringAsync());

        // The load is a process of its own and times each answer itself.
        var load = await BuyLoad.InChildAsync(gatewayPort, sku, buyers, Connections);
        var ended = Stopwatch.GetTimestamp();
        long settled;
        while ((settled = await CountAsync("status in ('confirmed', 'rejected')")) < load.Accepted && Stopwatch.GetElapsedTime(ended) < Patience)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
        var behind = Stopwatch.GetElapsedTime(ended);
        var confirmed = await CountAsync("status = 'confirmed'");

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{buyers:N0} buyers, {stock:N0} units: {load.Accepted:N0} accepted, {load.Refused:N0} refused, {load.Failed:N0} failed; {load.Answers / load.Seconds:N0} answers/s, {load.Accepted / load.AcceptSeconds:N0} accepts/s; accept p50 {load.P50Ms:0.0} ms, p99 {load.P99Ms:0.0} ms"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  {confirmed:N0} confirmed, {settled - confirmed:N0} rejected, {load.Accepted - settled:N0} lost; all final {behind.TotalSeconds:0.00} s after the load ended"));
        return load;

        async Task<long> CountAsync(string condition)
        {
            await using var command = database.CreateCommand($"select count(*) from orders where sku = $1 and {condition}");
            command.Parameters.Add(new() { Value = sku });
            return (long)(await command.ExecuteScalarAsync())!;
        }
    }
}
