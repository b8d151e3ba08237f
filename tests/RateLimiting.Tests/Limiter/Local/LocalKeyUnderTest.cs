using Sluice.RateLimiting.Local;
using Sluice.RateLimiting.Tests.Limiter.Models;

namespace Sluice.RateLimiting.Tests.Limiter.Local;

/// <summary>A key as the limiter within a process keeps it.</summary>
internal sealed class LocalKeyUnderTest(RateLimitPolicy policy) : IKeyUnderTest
{
    private readonly List<Outcome> grants = [];
    private LocalKey key = new(policy, "a", new KeyState(new LocalClock(TimeProvider.System), new Lock(), policy.Tiers));

    public Task<IReadOnlyList<ModelDecision>> DecideAsync(long now, IReadOnlyList<ModelCall> calls)
    {
        // One at a time: nobody has to travel to the state.
        var call = Assert.Single(calls);
        var outcome = key.State.Decide(
            key, call.Units, call.Kind == CallKind.Waiting ? call.LongestWait : 0, now, isProbe: call.Kind == CallKind.Probe);
        if (outcome.Verdict.Taken > 0)
            grants.Add(outcome);
        return Task.FromResult<IReadOnlyList<ModelDecision>>([Observed.From(outcome.ToDecision(), outcome.Verdict.WaitMicroseconds)]);
    }

    public Task RefundAsync(long now, int grant)
    {
        var (reading, units, verdict, _) = grants[grant];
        key.State.Refund(units, reading.Now + verdict.WaitMicroseconds, now);
        return Task.CompletedTask;
    }

    public Task GiveUpAsync(long now, int grant)
    {
        key.State.GiveUp(grants[grant].Slot!, now);
        return Task.CompletedTask;
    }

    public Task ReturnAsync(long now, int grant) => grants[grant].Verdict.Lease?.DisposeAsync().AsTask() ?? Task.CompletedTask;

    public Task ResetAsync(long now)
    {
        key = key.State.Renew(key);
        return Task.CompletedTask;
    }

    public void Dispose()
    {
    }
}
