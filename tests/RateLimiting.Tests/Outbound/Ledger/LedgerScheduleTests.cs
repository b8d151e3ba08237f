using FsCheck;
using FsCheck.Fluent;
using Sluice.RateLimiting.Tests.Support;
using Sluice.Testing;

namespace Sluice.RateLimiting.Tests.Outbound.Ledger;

/// <summary>The promise of the whole: no server refuses, and no schedule is faster.</summary>
public sealed class LedgerScheduleTests(RedisFixture redis)
{
    [Fact]
    public async Task No_kind_of_server_ever_refuses_whatever_latencies_crashes_and_set_back_clocks_do()
    {
        using var connection = await RedisConnection.ConnectAsync(redis.Server);
        await Properties.HoldAsync(Scenarios(isFaulty: true), 60, async scenario =>
        {
            var run = new LedgerSimulation(scenario, connection);
            await run.RunAsync();
            AssertNothingRefused(scenario, run.Arrivals);
        });
    }

    [Fact]
    public async Task Without_faults_the_schedule_is_the_fastest_that_the_windows_allow_plus_latencies()
    {
        using var connection = await RedisConnection.ConnectAsync(redis.Server);
        await Properties.HoldAsync(Scenarios(isFaulty: false), 60, async scenario =>
        {
            var run = new LedgerSimulation(scenario, connection);
            await run.RunAsync();
            AssertNothingRefused(scenario, run.Arrivals);
            Assert.Equal(scenario.Requests, run.Arrivals.Count);
            // Completions within one us are told apart by the next ones, which adds as many of them.
            var perHop = Microseconds(scenario.LongestLatency) + scenario.Requests;
            Assert.InRange(run.Granted.Last - run.Granted.First, Fastest(scenario, 0), Fastest(scenario, perHop));
        });
    }

    [Theory]
    [InlineData(1000, 20)]
    [InlineData(2100, 100)]
    [InlineData(4000, 160)]
    public async Task The_limits_of_the_items_source_take_the_time_that_theory_says(int requests, int seconds)
    {
        LedgerScenario scenario = new(
            [new(500, TimeSpan.FromSeconds(20)), new(2000, TimeSpan.FromSeconds(100))], TimeSpan.FromSeconds(10),
            Holders: 3, requests, TimeSpan.FromMilliseconds(20), Crashes: 0, Returns: 0, ClockSetBacks: 0, Seed: requests);
        using var connection = await RedisConnection.ConnectAsync(redis.Server);
        var run = new LedgerSimulation(scenario, connection);
        await run.RunAsync();
        AssertNothingRefused(scenario, run.Arrivals);
        Assert.Equal(seconds * 1_000_000, Fastest(scenario, 0));
        Assert.InRange(run.Granted.Last - run.Granted.First, 0.995 * seconds * 1_000_000, 1.01 * seconds * 1_000_000);
    }

    private static void AssertNothingRefused(LedgerScenario scenario, List<long> arrivals)
    {
        foreach (var tier in scenario.Tiers)
        {
            Assert.Equal(0, SimulatedServers.RefusedBySlidingLog(tier, arrivals));
            Assert.Equal(0, SimulatedServers.RefusedByAnchoredWindows(tier, arrivals));
            Assert.Equal(0, SimulatedServers.RefusedByTokenBucket(tier, arrivals));
            for (var phase = 0; phase < 5; phase++)
                Assert.Equal(0, SimulatedServers.RefusedByAlignedWindows(tier, arrivals, phase * Microseconds(tier.Window) / 5));
        }
    }

    /// <summary>t(k) = max(t(k-1), t(k-L) + W for each tier), where each hop may cost something more.</summary>
    private static long Fastest(LedgerScenario scenario, long perHop)
    {
        var times = new long[scenario.Requests];
        for (var request = 0; request < times.Length; request++)
        {
            times[request] = request == 0 ? perHop == 0 ? 0 : 2000 : times[request - 1];
            foreach (var tier in scenario.Tiers.Where(tier => request >= tier.Permits))
                times[request] = Math.Max(times[request], times[request - tier.Permits] + Microseconds(tier.Window) + perHop);
        }

        return times[^1];
    }

    private static Arbitrary<LedgerScenario> Scenarios(bool isFaulty)
    {
        var tier =
            from permits in Gen.Choose(1, 25)
            from window in Gen.Choose(5, 2000)
            select new LedgerTier(permits, TimeSpan.FromMilliseconds(window));
        var scenario =
            from tiers in Gen.Choose(1, 3).SelectMany(count => Gen.ArrayOf(tier, count))
            from lease in Gen.Choose(10, 500)
            from holders in Gen.Choose(1, 4)
            from requests in Gen.Choose(1, 80)
            from latency in Gen.Choose(0, lease)
            from crashes in Gen.Elements(0, 0.05, 0.3)
            from returns in Gen.Elements(0, 0.1)
            from setBacks in Gen.Elements(0, 0.05)
            from seed in Gen.Choose(0, int.MaxValue - 1)
            select new LedgerScenario(
                tiers, TimeSpan.FromMilliseconds(lease), holders, requests, TimeSpan.FromMilliseconds(latency),
                isFaulty ? crashes : 0, isFaulty ? returns : 0, isFaulty ? setBacks : 0, seed);
        return Arb.From(scenario, Smaller);
    }

    private static IEnumerable<LedgerScenario> Smaller(LedgerScenario scenario)
    {
        if (scenario.Requests > 1)
            yield return scenario with { Requests = scenario.Requests / 2 };
        if (scenario.Requests > 1)
            yield return scenario with { Requests = scenario.Requests - 1 };
        if (scenario.Holders > 1)
            yield return scenario with { Holders = scenario.Holders - 1 };
        if (scenario.Tiers.Count > 1)
            yield return scenario with { Tiers = [.. scenario.Tiers.Skip(1)] };
    }

    private static long Microseconds(TimeSpan time) => time.Ticks / TimeSpan.TicksPerMicrosecond;
}
