using FsCheck;
using FsCheck.Fluent;

namespace Sluice.RateLimiting.Tests.Limiter.Models;

/// <summary>What an engine can be asked, beside what all can.</summary>
/// <param name="Windows">Lengths that windows have, in us: from and to.</param>
/// <param name="LeasesEnd">Whether leases that aren't renewed end, so that calls wait for their end.</param>
/// <param name="DecidesTogether">Whether calls that come in one go are decided on one look at the tiers.</param>
/// <param name="MostPermits">Of a tier. The more there are, the more steps come within a window.</param>
/// <param name="MostSteps">Of a schedule.</param>
internal sealed record EngineTraits(
    IReadOnlyList<(int From, int To)> Windows, bool LeasesEnd, bool DecidesTogether, int MostPermits = 12, int MostSteps = 20);

/// <summary>Random schedules.</summary>
internal static class Schedules
{
    /// <summary>
    /// Schedules on one to three tiers, the first of them of the given algorithm. Either the clock is set back now and then or something
    /// is refunded: what a log has forgotten while time had come further is nowhere defined.
    /// </summary>
    public static Arbitrary<Schedule> Of(RateLimitAlgorithm algorithm, EngineTraits traits)
    {
        var schedules =
            from first in Tiers(Gen.Constant(algorithm), traits)
            let any = Tiers(Gen.Elements(Enum.GetValues<RateLimitAlgorithm>()), traits)
            from others in Gen.Choose(0, 2).SelectMany(count => Gen.ArrayOf(any, count))
            let hasEnds = traits.LeasesEnd && others.Prepend(first).Any(tier => tier.Algorithm == RateLimitAlgorithm.Concurrency)
            from isSetBack in hasEnds ? Gen.Constant(false) : Gen.Elements(true, false)
            let tiers = others.Prepend(first).Select((tier, number) => tier with { Name = $"t{number}" }).ToArray()
            from steps in Gen.Choose(1, traits.MostSteps).SelectMany(count => Gen.ArrayOf(Steps(tiers, isSetBack, traits), count))
            select new Schedule(tiers, steps);
        return Arb.From(schedules, Smaller);
    }

    private static Gen<RateLimitTier> Tiers(Gen<RateLimitAlgorithm> algorithms, EngineTraits traits) =>
        from algorithm in algorithms
        from permits in Gen.Choose(1, traits.MostPermits)
        from range in Gen.Elements(traits.Windows.AsEnumerable())
        from window in Gen.Choose(range.From, range.To)
        from burst in Gen.Choose(1, traits.MostPermits)
        let capacity = RateLimitTier.CanBurst(algorithm) && burst % 2 == 0 ? burst : permits
        select new RateLimitTier("", algorithm, permits, TimeSpan.FromMicroseconds(window), capacity);

    private static Gen<Step> Steps(RateLimitTier[] tiers, bool isSetBack, EngineTraits traits)
    {
        var longest = (int)tiers.Max(tier => tier.WindowMicroseconds);
        var window = Gen.Elements(tiers.Select(tier => (int)tier.WindowMicroseconds));
        var pauses = Gen.Frequency(
            (3, Gen.Constant(new Pause(0))),
            (1, Gen.Choose(1, 3).Select(us => new Pause(us))),
            (3, window.SelectMany(length => Gen.Choose(1, length / (traits.MostPermits / 4))).Select(us => new Pause(us))),
            (4, Gen.Choose(-1, 1).Select(us => new Pause(us, ToLastWait: true))),
            (1, window.SelectMany(length => Gen.Choose(length - 1, 2 * length + 1)).Select(us => new Pause(us))),
            (isSetBack ? 1 : 0, window.SelectMany(length => Gen.Choose(-length, -1)).Select(us => new Pause(us))));
        var undos = Gen.Frequency(
            (9, Gen.Constant(Undo.Nothing)),
            (3, Gen.Constant(Undo.Return)),
            (isSetBack ? 0 : 2, Gen.Constant(Undo.Refund)),
            (1, Gen.Constant(Undo.Reset)));
        return from pause in pauses
               from undo in undos
               from grant in Gen.Choose(0, 50)
               from calls in Gen.Choose(1, 6).SelectMany(count => Gen.ArrayOf(Calls(tiers, longest, traits), count))
               select new Step(pause, undo, grant, calls);
    }

    private static Gen<ModelCall> Calls(RateLimitTier[] tiers, int longestWindow, EngineTraits traits)
    {
        var canWait = Array.TrueForAll(tiers, tier => tier.Algorithm != RateLimitAlgorithm.Concurrency);
        var units = Gen.Frequency((3, Gen.Constant(1)), (2, Gen.Choose(1, tiers.Min(tier => tier.Capacity))));
        var waiting =
            from some in units
            from wait in Gen.Choose(0, 3 * longestWindow)
            select new ModelCall(CallKind.Waiting, some, wait);
        return Gen.Frequency(
            (6, units.Select(some => new ModelCall(CallKind.Immediate, some))),
            (canWait ? 3 : 0, waiting),
            (1, units.Select(some => new ModelCall(CallKind.Probe, some))));
    }

    private static IEnumerable<Schedule> Smaller(Schedule schedule)
    {
        for (var tier = 1; tier < schedule.Tiers.Count; tier++)
            yield return schedule with { Tiers = Without(schedule.Tiers, tier) };
        for (var step = 0; step < schedule.Steps.Count && schedule.Steps.Count > 1; step++)
            yield return schedule with { Steps = Without(schedule.Steps, step) };
        for (var number = 0; number < schedule.Steps.Count; number++)
        {
            var step = schedule.Steps[number];
            for (var call = 0; call < step.Calls.Count && step.Calls.Count > 1; call++)
            {
                var smaller = step with { Calls = Without(step.Calls, call) };
                yield return schedule with { Steps = [.. schedule.Steps.Take(number), smaller, .. schedule.Steps.Skip(number + 1)] };
            }
        }
    }

    private static T[] Without<T>(IReadOnlyList<T> list, int index) => [.. list.Take(index), .. list.Skip(index + 1)];
}
