using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Sluice.Bench.Processes;
using Sluice.Testing;

namespace Sluice.Bench.Gateway;

/// <summary>The gateway with its policy on, next to a bare YARP in front of the same service, and with traffic counted and not; load comes from wrk.</summary>
internal static partial class GatewayBench
{
    private const int Connections = 64;
    private const int Rounds = 5;

    /// <summary>A gateway has more code than a bare proxy, and is compiled for longer: with both cores under load that takes a while.</summary>
    private const int WarmUps = 9;

    public static async Task<int> RunAsync()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var postgres = await PostgresServer.StartAsync();
        var traffic = await postgres.CreateDatabaseAsync("traffic");
        var (upstreamPort, barePort, countingPort, gatewayPort) = (Built.FreePort(), Built.FreePort(), Built.FreePort(), Built.FreePort());
        var upstream = $"http://127.0.0.1:{upstreamPort}";
        var self = Path.Combine(AppContext.BaseDirectory, "Bench.dll");
        await using var service = await Child.StartAsync(self, ["upstream", $"{upstreamPort}"], upstreamPort);
        await using var bare = await Child.StartAsync(self, ["bare-proxy", $"{barePort}", upstream], barePort);
        await using var counting = await StartAsync(countingPort, countsTraffic: true);
        await using var gateway = await StartAsync(gatewayPort, countsTraffic: false);

        List<double> bareRates = [], countingRates = [], gatewayRates = [];
        for (var round = 0; round < WarmUps + Rounds; round++)
        {
            var one = await LoadAsync(barePort);

            // What comes second finds the machine warmer, or busier: each of the two does as often as the other.
            var (first, second) = round % 2 == 0 ? (countingPort, gatewayPort) : (gatewayPort, countingPort);
            var (earlier, later) = (await LoadAsync(first), await LoadAsync(second));
            var (with, without) = first == countingPort ? (earlier, later) : (later, earlier);

            if (round < WarmUps)
                continue;
            bareRates.Add(one);
            countingRates.Add(with);
            gatewayRates.Add(without);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"bare YARP {one,9:N0}/s   gateway {with,9:N0}/s   x{with / one:0.00}   without traffic {without,9:N0}/s   x{with / without:0.000}"));
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"median of {Rounds} at {Connections} connections: x{Median(countingRates) / Median(bareRates):0.00} of bare YARP, "
            + $"x{Median(countingRates) / Median(gatewayRates):0.000} of the gateway without traffic"));
        return 0;

        Task<Child> StartAsync(int port, bool countsTraffic) => Child.StartAsync(
            Built.Program("Gateway"), ["--contentRoot", Built.Folder("Gateway"), $"--Traffic:Enabled={countsTraffic}"], port,
            Settings(redis.ConnectionString, traffic, upstream, port));
    }

    private static (string, string)[] Settings(string redis, string traffic, string upstream, int port) =>
    [
        // As it is deployed: in Development the framework puts a page for exceptions around every request, and X-Forwarded-For is read.
        ("ASPNETCORE_ENVIRONMENT", "Production"),
        ("Clients__test-client__KeySha256", Convert.ToHexStringLower(SHA256.HashData("test-client"u8))),
        ("ASPNETCORE_URLS", $"http://127.0.0.1:{port}"),
        ("ConnectionStrings__redis", redis),
        ("ConnectionStrings__traffic", traffic),
        ("ConnectionStrings__rabbitmq", "amqp://127.0.0.1:9"),
        ("services__itemapi__http__0", upstream),
        ("services__orchestrator__http__0", upstream),
        // Both windows of the policy, wide enough to let the load through.
        ("RateLimiting__Policies__items__Tiers__0__Permits", "1000000"),
        ("RateLimiting__Policies__items__Tiers__1__Permits", "1000000"),
    ];

    private static async Task<double> LoadAsync(int port)
    {
        string[] arguments =
        [
            "-t1", string.Create(CultureInfo.InvariantCulture, $"-c{Connections}"), "-d4s", "-H", "X-API-Key: test-client",
            string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/api/items/7"),
        ];
        var start = new ProcessStartInfo("wrk", arguments) { RedirectStandardOutput = true };
        using var wrk = Process.Start(start) ?? throw new InvalidOperationException("wrk did not start.");
        var said = await wrk.StandardOutput.ReadToEndAsync();
        await wrk.WaitForExitAsync();
        if (said.Contains("Non-2xx", StringComparison.Ordinal))
            throw new InvalidOperationException($"Not every request was served:\n{said}");
        return double.Parse(RequestsPerSecond().Match(said).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    private static double Median(List<double> rates) => rates.Order().ElementAt(rates.Count / 2);

    [GeneratedRegex(@"Requests/sec:\s+([\d.]+)")]
    private static partial Regex RequestsPerSecond();
}
