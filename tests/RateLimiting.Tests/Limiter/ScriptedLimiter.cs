using Microsoft.Extensions.Logging.Abstractions;
using Sluice.RateLimiting.Redis;
using Sluice.RateLimiting.Tests.Support;
using StackExchange.Redis;

namespace Sluice.RateLimiting.Tests.Limiter;

/// <summary>One key of a policy in Redis, asked batch by batch as a lane would, on a clock of its own.</summary>
internal sealed class ScriptedLimiter : IDisposable
{
    private readonly IDatabase database;
    private readonly RateLimitStore store;
    private readonly RedisLimitedKey key;

    public ScriptedLimiter(IConnectionMultiplexer redis, ScriptLibrary scripts, IEnumerable<TierOptions> tiers)
    {
        database = redis.GetDatabase();
        var options = new PolicyOptions();
        foreach (var tier in tiers)
            options.Tiers.Add(tier);
        var policy = new RateLimitPolicy("p", options);
        var metrics = new LimiterMetrics(Meters.Factory);
        store = new RateLimitStore(
            redis, scripts, new RateLimitPolicies(new RateLimitOptions { StoreTimeout = TimeSpan.FromSeconds(30) }), TimeProvider.System, metrics,
            NullLogger<RateLimitStore>.Instance);
        key = new RedisLimitedKey(policy, LimiterProcess.NewPartition(), store, new Lane(store, policy), metrics.CountsOf(policy));
    }

    public RedisKey[] Keys => key.Keys;

    private RedisKey Log => Keys[0].Append(":log");

    /// <param name="calls">Of each its units, and the longest wait in us: 0 not at all, -1 only asks.</param>
    public async Task<IReadOnlyList<RateLimitDecision>> DecideAsync(IEnumerable<(int Units, long MaxWait)> calls) => (await DecideTogetherAsync([(this, calls)]))[0];

    /// <summary>The same for keys of policies with the same tiers, in one script call.</summary>
    public static async Task<IReadOnlyList<IReadOnlyList<RateLimitDecision>>> DecideTogetherAsync(
        IReadOnlyList<(ScriptedLimiter Key, IEnumerable<(int Units, long MaxWait)> Calls)> asked)
    {
        if (asked.Count == 0)
            return [];
        var batch = new Batch(asked[0].Key.key.Policy);
        var decisions = new List<Task<RateLimitDecision[]>>();
        foreach (var (limiter, calls) in asked)
        {
            batch.Keys.Add(limiter.key);
            limiter.key.Travelling.AddRange(calls.Select(call => Call.Of(call.Units, call.MaxWait)));
            decisions.Add(Task.WhenAll(limiter.key.Travelling.Select(call => call.Decision.AsTask())));
        }

        await asked[0].Key.store.DecideAsync(batch);
        _ = batch.AnswerAsync();
        batch.Clear();
        return await Task.WhenAll(decisions);
    }

    public Task<IReadOnlyList<RateLimitDecision>> DecideAsync(IEnumerable<int> units) => DecideAsync(units.Select(own => (own, 0L)));

    public async Task<RateLimitDecision> DecideAsync(int units = 1) => (await DecideAsync([units]))[0];

    public ValueTask ResetAsync() => store.DeleteAsync(Keys);

    /// <summary>Entries of the log of a policy whose only tier is a sliding window.</summary>
    public async Task<long> EntriesAsync()
    {
        const int numbers = 7;
        const int entry = 2;
        const int copy = 16;
        var state = (byte[]?)await database.StringGetAsync(Keys[0]);
        if (state is null)
            return 0;
        var chunks = await database.ListLengthAsync(Log);
        return (state.Length / sizeof(double) - numbers - (chunks > 0 ? copy : 0)) / entry + 8 * chunks;
    }

    public void Dispose() => store.Dispose();

    /// <summary>No key stays for ever.</summary>
    public async Task AssertAllExpireAsync()
    {
        foreach (var own in (RedisKey[])[.. Keys, Log])
            if (await database.KeyExistsAsync(own))
                Assert.NotNull(await database.KeyTimeToLiveAsync(own));
    }
}
