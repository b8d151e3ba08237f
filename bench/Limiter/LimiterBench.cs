using System.Globalization;
using Sluice.RateLimiting;
using Sluice.Testing;
using StackExchange.Redis;

namespace Sluice.Bench.Limiter;

/// <summary>Decisions per second of each algorithm, next to a bare EVALSHA per decision with the same client, and to the limiter's own scripts with a call per decision, by turns in one run.</summary>
internal static class LimiterBench
{
    public const int MostCallers = 256;

    private static readonly (int Callers, int Keys)[] Loads = [(1, 1), (16, 1), (64, 1), (MostCallers, 1), (1, 1000), (16, 1000), (64, 1000), (MostCallers, 1000)];

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

    /// <summary>Of each load, one after another in turns: what else the machine does, and how fast it is at the moment, meets all of them alike.</summary>
    private const int Rounds = 15;

    /// <param name="only">Policies by name, and loads such as <c>64x1</c>, callers by keys; all where there are none.</param>
    public static async Task<int> RunAsync(string[] only)
    {
        if (only.Except(Policies.Select(policy => policy.Name)).Except(Loads.Select(NameOf)).FirstOrDefault() is { } unknown)
        {
            Console.Error.WriteLine(
                $"There is no '{unknown}'. There are {string.Join(", ", Policies.Select(policy => policy.Name))} and {string.Join(", ", Loads.Select(NameOf))}.");
            return 2;
        }

        await using var server = await RedisServer.StartAsync();
        foreach (var (callers, keys) in Chosen(Loads, NameOf, only))
        {
            foreach (var (name, define) in Chosen(Policies, policy => policy.Name, only))
            {
                await using var peers = await Peers.StartAsync(server.ConnectionString, define, keys);
                Load[] loads = [new Load<RedisResult>(callers, peers.AskBare), new Load<RateLimitDecision>(callers, peers.AskLimiter), new Load<bool>(callers, peers.AskOneCallEach)];
                foreach (var load in loads)
                    await load.WarmUpAsync();
                for (var round = 0; round < Rounds; round++)
                    foreach (var load in loads)
                        await load.MeasureAsync();
                var (bare, limiter, naive) = (loads[0].Outcome(), loads[1].Outcome(), loads[2].Outcome());
                Print(callers, keys, name, "bare EVALSHA", bare, "");
                Print(callers, keys, name, "limiter", limiter, string.Create(CultureInfo.InvariantCulture, $"{limiter.Over(bare):0.00} x bare, {limiter.Over(naive):0.00} x one call each"));
                Print(callers, keys, name, "one call each", naive, string.Create(CultureInfo.InvariantCulture, $"{naive.Over(bare):0.00} x bare"));
            }
        }

        return 0;
    }

    private static string NameOf((int Callers, int Keys) load) => string.Create(CultureInfo.InvariantCulture, $"{load.Callers}x{load.Keys}");

    private static IEnumerable<T> Chosen<T>(T[] all, Func<T, string> nameOf, string[] only)
    {
        var chosen = all.Where(one => only.Contains(nameOf(one))).ToList();
        return chosen.Count == 0 ? all : chosen;
    }

    private static void Print(int callers, int keys, string policy, string name, Outcome outcome, string ratios) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{callers,4} callers {keys,5} keys  {policy,-13} {name,-13} {outcome.PerSecond,10:N0}/s  p50 {outcome.Median * 1e6,6:0} us  p99 {outcome.P99 * 1e6,6:0} us  {ratios}"));
}
