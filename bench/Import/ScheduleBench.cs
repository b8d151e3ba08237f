using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;

namespace Sluice.Bench.Import;

/// <summary>
/// How long an import takes under 500 requests per 20 s and 2,000 per 100 s, of the least time that these allow, and how many 429s it
/// gets; next to what people write for the same. The windows are a tenth of that unless <c>--real</c> is said.
/// </summary>
internal static class ScheduleBench
{
    private const int PageSize = 100;

    public static async Task<int> RunAsync(string[] arguments)
    {
        var scale = arguments.Contains("--real") ? 1.0 : 10.0;
        int[] workers = [.. Numbers(arguments, "--workers", [1, 2, 4])];
        foreach (var requests in Numbers(arguments, "--requests", [1010, 2020]))
        {
            var least = Least(requests) / scale;
            Console.WriteLine(FormattableString.Invariant($"{requests} requests, windows {(scale == 1 ? "as they are" : "scaled 10:1")}, {least:0.#} s at the least"));
            foreach (var count in workers)
                await RunAsync(requests, count, scale, least);
        }

        return 0;
    }

    private static async Task RunAsync(int requests, int workers, double scale, double least)
    {
        var items = requests * PageSize / (PageSize + 1);
        await using var cluster = await ImportCluster.StartAsync(workers, items, (500, 20 / scale), (2000, 100 / scale));
        await PrintAsync(cluster, "Sluice, first import", workers, (await cluster.ImportAsync()).Seconds, least);

        // Until nothing of it counts any more.
        await Task.Delay(TimeSpan.FromSeconds(100 / scale + 1), TimeProvider.System);
        await cluster.ApiClient.PostAsync("reset", null);
        await PrintAsync(cluster, "Sluice, second import", workers, (await cluster.ImportAsync()).Seconds, least);

        var peers = new Peers(cluster.Api, scale);
        foreach (var (name, run) in ((string, Func<int, int, Task>)[])
            [("Retry-After only", peers.RetryAfterAsync), ("exponential backoff only", peers.BackoffAsync), ("full-window sleep", peers.FullWindowAsync)])
        {
            await cluster.ApiClient.PostAsync("reset", null);
            var started = Stopwatch.GetTimestamp();
            await run(requests, workers);
            await PrintAsync(cluster, name, workers, Stopwatch.GetElapsedTime(started).TotalSeconds, least);
        }
    }

    private static async Task PrintAsync(ImportCluster cluster, string name, int workers, double seconds, double least)
    {
        var refused = await cluster.ApiClient.GetFromJsonAsync<int>("refused");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-26} {workers} workers {seconds,7:0.00} s   x{seconds / least:0.000}   {refused,5} 429s"));
    }

    /// <summary>t(k) = max(t(k-1), t(k-500) + 20, t(k-2000) + 100).</summary>
    private static double Least(int requests) => 100.0 * ((requests - 1) / 2000) + 20.0 * ((requests - 1) % 2000 / 500);

    private static IEnumerable<int> Numbers(string[] arguments, string name, int[] all)
    {
        var named = arguments.SkipWhile(argument => argument != name).Skip(1).TakeWhile(argument => !argument.StartsWith("--", StringComparison.Ordinal))
            .Select(argument => int.Parse(argument, CultureInfo.InvariantCulture)).ToList();
        return named.Count > 0 ? named : all;
    }
}
