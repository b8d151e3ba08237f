using Microsoft.Extensions.Logging.Abstractions;
using Sluice.RateLimiting.Redis;
using Sluice.RateLimiting.Tests.Support;
using StackExchange.Redis;

namespace Sluice.RateLimiting.Tests.Limiter;

/// <summary>One key of a policy, asked batch by batch, as a queue of calls would.</summary>
internal sealed class ScriptedLimiter
{
    private readonly IDatabase database;
    private readonly RateLimitStore store;
    private readonly RateLimitPolicy policy;

    public ScriptedLimiter(IConnectionMultiplexer redis, ScriptLibrary scripts, IEnumerable<(int Permits, long Window)> tiers)
    {
        database = redis.GetDatabase();
        var options = new PolicyOptions();
        foreach (var (permits, window) in tiers)
            options.Tiers.Add(new TierOptions { Permits = permits, Window = TimeSpan.FromMicroseconds(window) });
        policy = new RateLimitPolicy("p", options);
        store = new RateLimitStore(
            redis, scripts, TimeSpan.FromSeconds(30), TimeProvider.System, new LimiterMetrics(Meters.Factory), NullLogger<RateLimitStore>.Instance);
        var partition = LimiterProcess.NewPartition();
        Keys = [.. policy.Tiers.Select((_, tier) => (RedisKey)$"test:{{{partition}}}:{tier}")];
    }

    public RedisKey[] Keys { get; }

    public async Task<IReadOnlyList<RateLimitDecision>> DecideAsync(IEnumerable<int> costs)
    {
        var calls = costs.Select(store.NewCall).ToList();
        var decisions = calls.Select(call => call.Decision).ToList();
        await store.DecideAsync(policy, Keys, calls);
        return await Task.WhenAll(decisions.Select(decision => decision.AsTask()));
    }

    public async Task<RateLimitDecision> DecideAsync(int cost = 1) => (await DecideAsync([cost]))[0];

    public Task<long> EntriesAsync(int tier) => database.SortedSetLengthAsync(Keys[tier]);

    /// <summary>No tier keeps more entries than permits and one, nor a key for ever.</summary>
    public async Task AssertBoundedAsync()
    {
        for (var tier = 0; tier < Keys.Length; tier++)
        {
            var entries = await EntriesAsync(tier);
            Assert.InRange(entries, 0, policy.Tiers[tier].Permits + 1);
            Assert.Equal(entries > 0, await database.KeyTimeToLiveAsync(Keys[tier]) is not null);
        }
    }
}
