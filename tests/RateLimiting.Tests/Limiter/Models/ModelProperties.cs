using Sluice.RateLimiting.Tests.Support;

namespace Sluice.RateLimiting.Tests.Limiter.Models;

/// <summary>One key of a policy, whose clock the test sets. Grants are numbered as they come; a probe is none.</summary>
internal interface IKeyUnderTest : IDisposable
{
    /// <summary>Decides calls at a time in us: together where the engine can, else one after the other.</summary>
    Task<IReadOnlyList<ModelDecision>> DecideAsync(long now, IReadOnlyList<ModelCall> calls);

    /// <summary>Takes back a charge whose time has come.</summary>
    Task RefundAsync(long now, int grant);

    /// <summary>Gives up a slot whose time hasn't come.</summary>
    Task GiveUpAsync(long now, int grant);

    /// <summary>Returns the leases of a grant, whether it has any or not.</summary>
    Task ReturnAsync(long now, int grant);

    Task ResetAsync(long now);
}

/// <summary>Whatever happens to a key, an engine says what the models say: each of its answers, in all fields.</summary>
public abstract class ModelProperties
{
    private const long Start = 1_700_000_000_000_000;

    private protected abstract EngineTraits Traits { get; }

    /// <summary>Schedules per algorithm.</summary>
    private protected abstract int Tests { get; }

    private protected abstract IKeyUnderTest Open(RateLimitPolicy policy);

    [Theory]
    [InlineData(RateLimitAlgorithm.SlidingWindow)]
    [InlineData(RateLimitAlgorithm.TokenBucket)]
    [InlineData(RateLimitAlgorithm.LeakyBucket)]
    [InlineData(RateLimitAlgorithm.SlidingWindowCounter)]
    [InlineData(RateLimitAlgorithm.FixedWindow)]
    [InlineData(RateLimitAlgorithm.Gcra)]
    [InlineData(RateLimitAlgorithm.Concurrency)]
    public Task Decides_as_a_naive_model_does_on_any_schedule(RateLimitAlgorithm algorithm) =>
        Properties.HoldAsync(Schedules.Of(algorithm, Traits), Tests, FollowsModelAsync);

    private async Task FollowsModelAsync(Schedule schedule)
    {
        var options = new PolicyOptions();
        foreach (var tier in schedule.Tiers)
        {
            options.Tiers.Add(new TierOptions
            {
                Name = tier.Name,
                Algorithm = tier.Algorithm,
                Permits = tier.Permits,
                Window = tier.Window,
                Burst = tier.Capacity == tier.Permits ? null : tier.Capacity,
            });
        }

        var model = new PolicyModel(schedule.Tiers, Traits);
        using var key = Open(new RateLimitPolicy("p", options));
        var run = new ScheduleRun(key, model, Traits, Start);
        foreach (var step in schedule.Steps)
            await run.FollowAsync(step);
    }
}
