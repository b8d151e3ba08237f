using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Sluice.RateLimiting;
using Sluice.Testing;
using StackExchange.Redis;

namespace Sluice.Bench.Limiter;

/// <summary>Decisions per second of each algorithm, next to a bare EVALSHA per decision with the same client in the same run.</summary>
internal static class LimiterBench
{
    public static async Task<int> RunAsync(string[] only)
    {
        await using var server = await RedisServer.StartAsync();
        foreach (var (callers, keys) in new[] { (1, 1), (16, 1), (64, 1), (256, 1), (1, 1000), (16, 1000), (64, 1000), (256, 1000) })
        {
            var bare = await Peers.BareAsync(server.ConnectionString, callers);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{callers,4} callers {keys,5} keys  {"bare EVALSHA",-28} {bare.PerSecond,10:N0}/s  p50 {bare.Median * 1e6,6:0} us  p99 {bare.P99 * 1e6,6:0} us"));
            foreach (var (name, define) in Policies.Where(policy => only.Length == 0 || only.Contains(policy.Name)))
            {
                foreach (var (kind, ask) in new (string, Func<string, Action<PolicyOptions>, int, int, Task<Outcome>>)[] { ("", Peers.LimiterAsync), ("one call each", Peers.NaiveAsync) })
                {
                    if (kind != "" && keys == 1)
                        continue;
                    var outcome = await ask(server.ConnectionString, define, callers, keys);
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                        $"{callers,4} callers {keys,5} keys  {$"{name} {kind}",-28} {outcome.PerSecond,10:N0}/s  p50 {outcome.Median * 1e6,6:0} us  p99 {outcome.P99 * 1e6,6:0} us  x{outcome.PerSecond / bare.PerSecond:0.00}"));
                }
            }
        }

        return 0;
    }

    private static readonly (string Name, Action<PolicyOptions> Define)[] Policies =
    [
        ("token-bucket", policy => policy.TokenBucket(1_000_000, TimeSpan.FromMilliseconds(100))),
        ("items", policy => policy.SlidingWindow(1_000_000, TimeSpan.FromSeconds(0.2), "burst").SlidingWindow(1_000_000, TimeSpan.FromSeconds(0.1), "sustained")),
        ("refusals", policy => policy.SlidingWindow(1, TimeSpan.FromDays(1))),
    ];
}
