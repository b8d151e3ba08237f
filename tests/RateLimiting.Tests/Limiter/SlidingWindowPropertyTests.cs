using FsCheck;
using FsCheck.Fluent;
using Sluice.RateLimiting.Redis;
using Sluice.RateLimiting.Tests.Support;
using Sluice.Testing;
using StackExchange.Redis;

namespace Sluice.RateLimiting.Tests.Limiter;

/// <summary>Calls that come together, some time after those before; negative where the clock was set back.</summary>
internal sealed record Step(long Elapsed, IReadOnlyList<int> Costs)
{
    public override string ToString() => $"{Elapsed} us: {string.Join(' ', Costs)}";
}

internal sealed record Schedule(IReadOnlyList<(int Permits, long Window)> Tiers, IReadOnlyList<Step> Steps)
{
    public override string ToString() =>
        $"{string.Join(" and ", Tiers.Select(tier => $"{tier.Permits} per {tier.Window} us"))}; {string.Join(", ", Steps)}";
}

public sealed class SlidingWindowPropertyTests(RedisFixture redis)
{
    [Fact]
    public async Task Decides_as_a_naive_model_does_on_any_schedule()
    {
        await using var process = await LimiterProcess.StartAsync(redis.Server, [(1, TimeSpan.FromSeconds(1))]);
        await Properties.HoldAsync(Schedules(), 80, schedule => FollowsModelAsync(schedule, process.Redis));
    }

    private static async Task FollowsModelAsync(Schedule schedule, IConnectionMultiplexer redis)
    {
        var clock = new RedisClock(redis);
        await clock.SetAsync(1_700_000_000_000_000);
        var run = new ScriptedLimiter(redis, clock.Scripts, schedule.Tiers);
        var model = new SlidingWindowModel(schedule.Tiers);
        foreach (var step in schedule.Steps)
        {
            await clock.SetAsync(clock.Now + step.Elapsed);
            var expected = model.Decide(clock.Now, step.Costs);
            var decisions = await run.DecideAsync(step.Costs);
            Assert.Equal(expected.Select(Text), decisions.Select(Text));
            await run.AssertBoundedAsync();
        }
    }

    private static string Text(ModelDecision decision) => decision.IsGranted
        ? $"granted, remaining {string.Join(' ', decision.Remaining)}, reset {string.Join(' ', decision.Reset)}"
        : $"refused by {decision.BindingTier} for {decision.RetryAfter}, remaining {string.Join(' ', decision.Remaining)}, reset {string.Join(' ', decision.Reset)}";

    private static string Text(RateLimitDecision decision) => Text(new ModelDecision(
        decision.IsGranted, Microseconds(decision.RetryAfter), decision.Tiers.Select(tier => tier.Tier).ToList().IndexOf(decision.BindingTier!.Value.Tier),
        [.. decision.Tiers.Select(tier => tier.Remaining)], [.. decision.Tiers.Select(tier => Microseconds(tier.ResetAfter))]));

    private static Arbitrary<Schedule> Schedules()
    {
        // Windows are long for the keys' real expiry, which the scripts' clock knows nothing of.
        var tier =
            from permits in Gen.Choose(1, 12)
            from window in Gen.Choose(30_000_000, 90_000_000)
            select (permits, (long)window);
        var schedule =
            from tiers in Gen.Choose(1, 3).SelectMany(count => Gen.ArrayOf(tier, count))
            let capacity = tiers.Min(tier => tier.permits)
            let step =
                from elapsed in Gen.Frequency(
                    (2, Gen.Constant(0)), (1, Gen.Choose(1, 3)), (4, Gen.Choose(1, 20_000_000)), (1, Gen.Choose(50_000_000, 200_000_000)), (1, Gen.Choose(-40_000_000, -1)))
                from costs in Gen.Choose(1, 6).SelectMany(count => Gen.ArrayOf(Gen.Frequency((3, Gen.Constant(1)), (2, Gen.Choose(1, capacity))), count))
                select new Step(elapsed, costs)
            from steps in Gen.Choose(1, 40).SelectMany(count => Gen.ArrayOf(step, count))
            select new Schedule(tiers, steps);
        return Arb.From(schedule, Smaller);
    }

    private static IEnumerable<Schedule> Smaller(Schedule schedule)
    {
        for (var step = 0; step < schedule.Steps.Count; step++)
            if (schedule.Steps.Count > 1)
                yield return schedule with { Steps = [.. schedule.Steps.Take(step), .. schedule.Steps.Skip(step + 1)] };
        for (var tier = 0; tier < schedule.Tiers.Count; tier++)
            if (schedule.Tiers.Count > 1)
                yield return schedule with { Tiers = [.. schedule.Tiers.Take(tier), .. schedule.Tiers.Skip(tier + 1)] };
    }

    private static long Microseconds(TimeSpan time) => time.Ticks / TimeSpan.TicksPerMicrosecond;
}
