using System.Globalization;

namespace Sluice.Bench.Import;

/// <summary>Items per second from end to end where nothing limits, and the workers' memory, from few items to many.</summary>
internal static class ThroughputBench
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        var workers = arguments is [var count, ..] ? int.Parse(count, CultureInfo.InvariantCulture) : 1;
        int[] sizes = arguments.Length > 1 ? [.. arguments[1..].Select(size => int.Parse(size, CultureInfo.InvariantCulture))] : [2000, 20_000, 100_000];
        foreach (var items in sizes)
        {
            await using var cluster = await ImportCluster.StartAsync(workers, items);

            // The first import warms up.
            if (items <= 2000)
                await cluster.ImportAsync();
            var before = cluster.ResidentMegabytes();
            var (import, _) = await cluster.ImportAsync();
            var seconds = import.GetProperty("durationSeconds").GetDouble();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{workers} workers {import.GetProperty("importedCount").GetInt64(),7} items {seconds,7:0.00} s {items / seconds,7:0} items/s   workers {before:0} -> {cluster.ResidentMegabytes():0} MB"));
        }

        return 0;
    }
}
