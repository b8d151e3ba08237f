using Sluice.RateLimiting.Tests.Support;
using StackExchange.Redis;

namespace Sluice.RateLimiting.Tests.Limiter.Models;

/// <summary>A key in Redis, on the scripts' own clock.</summary>
internal sealed class RedisKeyUnderTest : IKeyUnderTest
{
    private readonly RedisClock clock;
    private readonly ScriptedLimiter limiter;
    private readonly List<RateLimitDecision> grants = [];

    public RedisKeyUnderTest(IConnectionMultiplexer redis, RedisClock clock, RateLimitPolicy policy)
    {
        this.clock = clock;
        limiter = new ScriptedLimiter(redis, clock.Scripts, policy.Tiers.Select(tier => new TierOptions
        {
            Name = tier.Name,
            Algorithm = tier.Algorithm,
            Permits = tier.Permits,
            Window = tier.Window,
            Burst = tier.Capacity == tier.Permits ? null : tier.Capacity,
        }));
    }

    public async Task<IReadOnlyList<ModelDecision>> DecideAsync(long now, IReadOnlyList<ModelCall> calls)
    {
        await clock.SetAsync(now);
        var decisions = await limiter.DecideAsync(calls.Select(call => (call.Units, call.Kind switch
        {
            CallKind.Waiting => call.LongestWait,
            CallKind.Probe => -1L,
            _ => 0L,
        })));
        grants.AddRange(decisions.Where((decision, call) => decision.IsGranted && calls[call].Kind != CallKind.Probe));
        return [.. decisions.Select(decision => Observed.From(decision, decision.Slot.Ticks / TimeSpan.TicksPerMicrosecond))];
    }

    public async Task RefundAsync(long now, int grant)
    {
        await clock.SetAsync(now);
        await grants[grant].RefundAsync();
    }

    public Task GiveUpAsync(long now, int grant) => RefundAsync(now, grant);

    public async Task ReturnAsync(long now, int grant)
    {
        await clock.SetAsync(now);
        await grants[grant].DisposeAsync();
    }

    public async Task ResetAsync(long now)
    {
        await clock.SetAsync(now);
        await limiter.ResetAsync();
    }

    public void Dispose() => limiter.Dispose();
}
