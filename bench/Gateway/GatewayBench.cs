using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Sluice.Bench.Processes;
using Sluice.Testing;
using StackExchange.Redis;

namespace Sluice.Bench.Gateway;

/// <summary>The gateway with its policy on, next to the same gateway without it, and to a YARP with nothing else; load comes from wrk.</summary>
internal static partial class GatewayBench
{
    private const int Connections = 64;

    /// <summary>Of each proxy: what the runtime makes of the same code differs from process to process, by some percent.</summary>
    private const int Processes = 3;

    /// <summary>Of each process.</summary>
    private const int Rounds = 11;

    /// <summary>A gateway has more code than a bare proxy, and is compiled for longer: with both cores under load that takes a while.</summary>
    private const int WarmUps = 20;

    /// <summary>As AppHost starts the gateway.</summary>
    private static readonly (string, string)[] runtime = [("DOTNET_GCgen0size", "0x4000000"), ("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1")];

    /// <summary>A route that goes before that of the items and has no policy.</summary>
    private static readonly (string, string)[] openRoute =
    [
        ("ReverseProxy__Routes__open__ClusterId", "itemapi"),
        ("ReverseProxy__Routes__open__Order", "-1"),
        ("ReverseProxy__Routes__open__Match__Path", "/api/items/{**rest}"),
    ];

    public static async Task<int> RunAsync()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var postgres = await PostgresServer.StartAsync();
        await using var client = await ConnectionMultiplexer.ConnectAsync($"{redis.ConnectionString},allowAdmin=true");
        var traffic = await postgres.CreateDatabaseAsync("traffic");
        var upstreamPort = Built.FreePort();
        var upstream = $"http://127.0.0.1:{upstreamPort}";
        var self = Path.Combine(AppContext.BaseDirectory, "Bench.dll");
        await using var service = await Child.StartAsync(self, ["upstream", $"{upstreamPort}"], upstreamPort);
        await using var bare = await StartAsync("bare YARP", port => Child.StartAsync(self, ["bare-proxy", $"{port}", upstream], port));
        await using var tuned = await StartAsync(
            "bare YARP, the gateway's runtime", port => Child.StartAsync(self, ["bare-proxy", $"{port}", upstream], port, runtime));
        await using var open = await StartAsync("gateway, its route without the policy", port => StartGatewayAsync(port, openRoute));
        await using var gateway = await StartAsync("gateway", port => StartGatewayAsync(port));

        Proxy[] proxies = [bare, tuned, open, gateway];
        var turns = proxies.SelectMany(static proxy => proxy.Instances, static (proxy, instance) => (Proxy: proxy, Instance: instance)).ToArray();
        for (var round = 0; round < WarmUps + Rounds; round++)
        {
            // What comes later finds the machine warmer, or busier.
            Random.Shared.Shuffle(turns);
            foreach (var (proxy, instance) in turns)
            {
                var turn = await LoadAsync(instance, service, client);
                if (round >= WarmUps)
                    proxy.Add(turn);
            }
        }

        Console.WriteLine(
            $"{$"median of {Processes} x {Rounds} turns, {Connections} connections",-40}{"requests/s",10}{"of bare",9}{"of no policy",14}   us per request: proxy, service, Redis");
        foreach (var proxy in proxies)
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{proxy.Name,-40}{proxy.Rate,10:N0}{proxy.Rate / bare.Rate,9:0.00}{proxy.Rate / open.Rate,14:0.00}"
                + $"{proxy.Median(static turn => turn.Own),24:0.0}{proxy.Median(static turn => turn.Service),9:0.0}{proxy.Median(static turn => turn.Redis),7:0.0}"));
        return 0;

        Task<Child> StartGatewayAsync(int port, params (string, string)[] more) => Child.StartAsync(
            Built.Program("Gateway"), ["--contentRoot", Built.Folder("Gateway")], port, [.. Settings(redis.ConnectionString, traffic, upstream, port), .. more]);
    }

    private static async Task<Proxy> StartAsync(string name, Func<int, Task<Child>> start)
    {
        var instances = new Instance[Processes];
        for (var number = 0; number < Processes; number++)
        {
            var port = Built.FreePort();
            instances[number] = new Instance(port, await start(port));
        }

        return new(name, instances);
    }

    private static (string, string)[] Settings(string redis, string traffic, string upstream, int port) =>
    [
        // As it is deployed: in Development the framework puts a page for exceptions around every request, and X-Forwarded-For is read.
        ("ASPNETCORE_ENVIRONMENT", "Production"),
        .. runtime,
        ("Clients__test-client__KeySha256", Convert.ToHexStringLower(SHA256.HashData("test-client"u8))),
        ("ASPNETCORE_URLS", $"http://127.0.0.1:{port}"),
        ("ConnectionStrings__redis", redis),
        ("ConnectionStrings__traffic", traffic),
        ("ConnectionStrings__rabbitmq", "amqp://127.0.0.1:9"),
        ("services__itemapi__http__0", upstream),
        ("services__orchestrator__http__0", upstream),
        // Both windows of the policy, wide enough to let the load of one gateway through.
        ("RateLimiting__Policies__items__Tiers__0__Permits", "1000000"),
        ("RateLimiting__Policies__items__Tiers__1__Permits", "1000000"),
    ];

    private static async Task<Turn> LoadAsync(Instance proxy, Child service, ConnectionMultiplexer redis)
    {
        string[] arguments =
        [
            "-t1", string.Create(CultureInfo.InvariantCulture, $"-c{Connections}"), "-d1s", "-H", "X-API-Key: test-client",
            string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{proxy.Port}/api/items/7"),
        ];
        var (own, served, decided) = (proxy.Process.ProcessorTime(), service.ProcessorTime(), await ProcessorTimeAsync(redis));
        var start = new ProcessStartInfo("wrk", arguments) { RedirectStandardOutput = true };
        using var wrk = Process.Start(start) ?? throw new InvalidOperationException("wrk did not start.");
        var said = await wrk.StandardOutput.ReadToEndAsync();
        await wrk.WaitForExitAsync();
        if (said.Contains("Non-2xx", StringComparison.Ordinal))
            throw new InvalidOperationException($"Not every request was served:\n{said}");
        var requests = Figure(Requests(), said);
        return new Turn(
            Figure(RequestsPerSecond(), said),
            (proxy.Process.ProcessorTime() - own).TotalMicroseconds / requests,
            (service.ProcessorTime() - served).TotalMicroseconds / requests,
            (await ProcessorTimeAsync(redis) - decided).TotalMicroseconds / requests);
    }

    private static async Task<TimeSpan> ProcessorTimeAsync(ConnectionMultiplexer redis)
    {
        var told = (await redis.GetServers()[0].InfoAsync("cpu")).SelectMany(static section => section);
        return TimeSpan.FromSeconds(told.Where(static figure => figure.Key is "used_cpu_sys" or "used_cpu_user").Sum(static figure => double.Parse(figure.Value, CultureInfo.InvariantCulture)));
    }

    private static double Figure(Regex figure, string said) => double.Parse(figure.Match(said).Groups[1].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"(\d+) requests in")]
    private static partial Regex Requests();

    [GeneratedRegex(@"Requests/sec:\s+([\d.]+)")]
    private static partial Regex RequestsPerSecond();
}
