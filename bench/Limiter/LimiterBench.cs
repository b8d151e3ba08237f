using System.Globalization;
using Sluice.RateLimiting;
using Sluice.Testing;

namespace Sluice.Bench.Limiter;

/// <summary>Decisions per second of each algorithm, next to a bare EVALSHA per decision with the same client in the same run.</summary>
internal static class LimiterBench
{
    private static readonly (int Callers, int Keys)[] Loads = [(1, 1), (16, 1), (64, 1), (256, 1), (1, 1000), (16, 1000), (64, 1000), (256, 1000)];

    // Wide enough to grant what comes; items is two windows, as it is shipped.
    private static readonly (string Name, Action<PolicyOptions> Define)[] Policies =
    [
        ("token-bucket", policy => policy.TokenBucket(1_000_000, TimeSpan.FromMilliseconds(100))),
        ("items", policy => policy.SlidingWindow(1_000_000, TimeSpan.FromSeconds(0.5), "burst").SlidingWindow(1_000_000, TimeSpan.FromSeconds(0.4), "sustained")),
        ("leaky-bucket", policy => policy.LeakyBucket(1_000_000, TimeSpan.FromMilliseconds(100))),
        ("gcra", policy => policy.Gcra(1_000_000, TimeSpan.FromMilliseconds(100))),
        ("fixed-window", policy => policy.FixedWindow(1_000_000, TimeSpan.FromMilliseconds(100))),
        ("counter", policy => policy.SlidingWindowCounter(1_000_000, TimeSpan.FromMilliseconds(100))),
        ("refusals", policy => policy.SlidingWindow(1, TimeSpan.FromDays(1))),
    ];

    /// <param name="only">Policies by name; all where there are none.</param>
    public static async Task<int> RunAsync(string[] only)
    {
        await using var server = await RedisServer.StartAsync();
        foreach (var (callers, keys) in Loads)
        {
            var bare = await Peers.BareAsync(server.ConnectionString, callers);
            Print(callers, keys, "bare EVALSHA", bare, bare);
            foreach (var (name, define) in Policies.Where(policy => only.Length == 0 || only.Contains(policy.Name)))
            {
                var outcome = await Peers.LimiterAsync(server.ConnectionString, define, callers, keys);
                Print(callers, keys, name, outcome, bare);
                var naive = await Peers.NaiveAsync(server.ConnectionString, define, callers, keys);
                Print(callers, keys, "  one call each", naive, bare, outcome.PerSecond / naive.PerSecond);
            }
        }

        return 0;
    }

    private static void Print(int callers, int keys, string name, Outcome outcome, Outcome bare, double? ahead = null) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{callers,4} callers {keys,5} keys  {name,-16} {outcome.PerSecond,10:N0}/s  p50 {outcome.Median * 1e6,6:0} us  p99 {outcome.P99 * 1e6,6:0} us  {outcome.PerSecond / bare.PerSecond,6:0.00} x bare")
            + (ahead is { } times ? string.Create(CultureInfo.InvariantCulture, $"  the limiter is {times:0.00} x this") : ""));
}
