using System.Diagnostics;
using System.Globalization;
using Sluice.Bench.Processes;

namespace Sluice.Bench.Telemetry;

/// <summary>A flood of spans at the dashboard, and a service beside it that has nothing to do with them.</summary>
internal static class TelemetryBench
{
    private const int Rounds = 3;
    private const string Key = "bench";

    public static async Task<int> RunAsync()
    {
        var (servicePort, pagesPort, otlpPort) = (Built.FreePort(), Built.FreePort(), Built.FreePort());
        await using var service = await Child.StartAsync(Self, ["upstream", $"{servicePort}"], servicePort);
        using var dashboard = StartDashboard(pagesPort, otlpPort);
        try
        {
            using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri($"http://127.0.0.1:{servicePort}") };
            await AnswersAsync($"http://localhost:{pagesPort}/login");
            await MeasureAsync(http, Seconds(2));

            for (var round = 1; round <= Rounds; round++)
            {
                var quiet = await MeasureAsync(http, Seconds(SpanFlood.Seconds));
                var before = Resident(dashboard);
                using var flood = StartFlood(otlpPort);
                var watch = WatchAsync(dashboard, flood);
                var flooded = await MeasureAsync(http, watch);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"service: median {quiet.Median:0.00} ms, in the flood {flooded.Median:0.00} ms, x{flooded.Median / quiet.Median:0.00}; p99 {quiet.P99:0.0} ms, in the flood {flooded.P99:0.0} ms, x{flooded.P99 / quiet.P99:0.00}"));
                var (taken, refused, peak) = await watch;
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"dashboard: {before:0} MB before, {peak:0} MB at most; spans taken {taken:N0}, refused {refused:N0}"));
            }
        }
        finally
        {
            dashboard.Kill(entireProcessTree: true);
            await dashboard.WaitForExitAsync();
        }
        return 0;
    }

    private static string Self => Path.Combine(AppContext.BaseDirectory, "Bench.dll");

    // As the AppHost starts it.
    private static Process StartDashboard(int pagesPort, int otlpPort)
    {
        var program = Path.Combine(Built.Folder("Aspire.Local"), "Dashboard", "bin", "Release", "net10.0", "Aspire.Local.Dashboard.dll");
        return Process.Start(new ProcessStartInfo("nice", ["-n", "10", "dotnet", program])
        {
            Environment =
            {
                ["ASPNETCORE_URLS"] = $"http://localhost:{pagesPort}",
                ["ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"] = $"http://localhost:{otlpPort}",
                ["Dashboard__Otlp__PrimaryApiKey"] = Key,
            },
        })!;
    }

    private static Process StartFlood(int otlpPort) =>
        Process.Start(new ProcessStartInfo("dotnet", [Self, "span-flood", $"http://localhost:{otlpPort}/v1/traces", Key]) { RedirectStandardOutput = true })!;

    private static Task<(double Median, double P99)> MeasureAsync(HttpClient service, Task until) => LatencyProbe.RunAsync(service, "/api/items/7", until);

    private static async Task<(long Taken, long Refused, double PeakMegabytes)> WatchAsync(Process dashboard, Process flood)
    {
        var peak = 0d;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        var answer = flood.StandardOutput.ReadToEndAsync();
        while (!answer.IsCompleted && await timer.WaitForNextTickAsync())
            peak = Math.Max(peak, Resident(dashboard));
        var numbers = (await answer).Split(' ');
        return (long.Parse(numbers[0], CultureInfo.InvariantCulture), long.Parse(numbers[1], CultureInfo.InvariantCulture), peak);
    }

    private static double Resident(Process process)
    {
        process.Refresh();
        return process.WorkingSet64 / 1e6;
    }

    private static Task Seconds(int seconds) => Task.Delay(TimeSpan.FromSeconds(seconds), TimeProvider.System, CancellationToken.None);

    private static async Task AnswersAsync(string address)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        for (var isUp = false; !isUp; await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, CancellationToken.None))
        {
            try
            {
                isUp = (await http.GetAsync(address)).IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                // Not yet.
            }
        }
    }
}
