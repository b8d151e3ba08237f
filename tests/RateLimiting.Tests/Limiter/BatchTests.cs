using Sluice.RateLimiting.Redis;
using Sluice.RateLimiting.Tests.Limiter.Models;
using Sluice.RateLimiting.Tests.Support;
using Sluice.Testing;

namespace Sluice.RateLimiting.Tests.Limiter;

/// <summary>Keys whose calls travel together are decided as each of them alone.</summary>
public sealed class BatchTests(RedisFixture redis)
{
    private const int Steps = 120;

    private static readonly TierOptions[] tiers =
    [
        new() { Name = "burst", Permits = 25, Window = TimeSpan.FromSeconds(20) },
        new() { Name = "sustained", Permits = 90, Window = TimeSpan.FromSeconds(90) },
        new() { Name = "bucket", Algorithm = RateLimitAlgorithm.TokenBucket, Permits = 120, Window = TimeSpan.FromSeconds(60) },
    ];

    [Theory]
    [InlineData(6, 1)]
    [InlineData(6, 2)]
    [InlineData(6, 3)]
    // More than are read together.
    [InlineData(50, 4)]
    public async Task Keys_in_one_script_call_are_decided_as_each_alone(int most, int seed)
    {
        using var connection = await RedisConnection.ConnectAsync(redis.Server);
        var clock = new RedisClock(connection);
        await clock.SetAsync(1_700_000_000_000_000);
        var random = new Random(seed);
        var keys = Enumerable.Range(0, most).Select(_ => (Together: Open(), Alone: Open())).ToArray();
        for (var step = 0; step < Steps; step++)
        {
            // They come one after another: some have long logs when others are new.
            var asked = keys.Where((_, number) => step >= number * Steps / most && random.Next(most) >= number).ToArray();
            random.Shuffle(asked);
            var calls = asked.Select(_ => Calls(random)).ToArray();
            var together = await ScriptedLimiter.DecideTogetherAsync([.. asked.Select((key, number) => (key.Together, calls[number]))]).Within();
            for (var number = 0; number < asked.Length; number++)
                Assert.Equal(Told(await asked[number].Alone.DecideAsync(calls[number]).Within()), Told(together[number]));
            await clock.AdvanceAsync(TimeSpan.FromMilliseconds(random.Next(10) == 0 ? random.Next(100_000) : random.Next(1_000)));
        }

        foreach (var (together, alone) in keys)
        {
            together.Dispose();
            alone.Dispose();
        }

        ScriptedLimiter Open() => new(connection, clock.Scripts, tiers);
    }

    private static (int Units, long MaxWait)[] Calls(Random random) => random.Next(3) > 0
        ? [(1, 0)]
        : [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => (random.Next(1, 4), random.Next(4) switch { 0 => 3_000_000L, 1 => Call.OnlyAsks, _ => 0 }))];

    private static IEnumerable<string> Told(IEnumerable<RateLimitDecision> decisions) => decisions.Select(
        decision => Observed.From(decision, decision.Slot.Ticks / TimeSpan.TicksPerMicrosecond).ToString());
}
