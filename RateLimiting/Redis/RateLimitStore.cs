using Microsoft.Extensions.Logging;
using Sluice.RateLimiting.Local;
using StackExchange.Redis;

namespace Sluice.RateLimiting.Redis;

/// <summary>Asks Redis, and decides by the policy's rule where Redis is away. Thread-safe.</summary>
internal sealed class RateLimitStore : IDisposable
{
    private static readonly TimeSpan RetryAfterOutage = TimeSpan.FromSeconds(1);

    private readonly IConnectionMultiplexer redis;
    private readonly ScriptLibrary scripts;
    private readonly RateLimitPolicies policies;
    private readonly LocalRateLimiter fallback;
    private readonly TimeProvider time;
    private readonly StoreBreaker breaker;
    private readonly LeaseKeeper leases;
    private readonly AdaptiveSpin spin = new();

    public RateLimitStore(
        IConnectionMultiplexer redis, ScriptLibrary scripts, RateLimitPolicies policies, TimeProvider time, LimiterMetrics metrics, ILogger<RateLimitStore> logger)
    {
        (this.redis, this.scripts, this.policies, this.time) = (redis, scripts, policies, time);
        fallback = new LocalRateLimiter(policies, time);
        breaker = new StoreBreaker(redis, scripts, policies.Options.StoreTimeout, time, metrics, logger);
        leases = new LeaseKeeper(this, scripts, time, logger);
    }

    public bool IsAvailable => !breaker.IsOpen;

    public StoreCircuit Circuit => breaker.Circuit;

    private TimeSpan Timeout => policies.Options.StoreTimeout;

    /// <summary>Decides every call; never throws. Silence is waited for once: the breaker answers those who stand behind.</summary>
    public async Task DecideAsync(Batch batch)
    {
        if (breaker.IsOpen)
        {
            batch.Decide(DecideWithoutStore);
            return;
        }

        try
        {
            if (batch.Keys.Count > 1 && IsCluster)
            {
                await DecideKeyByKeyAsync(batch).ConfigureAwait(false);
                return;
            }

            var numbers = batch.Pack();
            var lease = batch.Policy.HasLeases ? leases.NewName() : null;
            RedisValue[] arguments = lease is null ? [numbers] : [numbers, lease];
            var sent = time.GetTimestamp();
            var answer = (byte[]?)await breaker
                .EvaluateAsync(scripts.Driver(batch.Policy), batch.ScriptKeys(), arguments, Timeout, MaySpin(batch) ? spin : null)
                .ConfigureAwait(false);
            batch.Decide(new BatchAnswer(answer!, sent, time.GetTimestamp(), time.TimestampFrequency, lease is null ? null : LeaseOf(lease)));
        }
        catch (Exception exception) when (StoreBreaker.IsAway(exception))
        {
            batch.Decide(DecideWithoutStore);
        }
        catch (Exception exception)
        {
            // A defect, not an outage: each caller gets it, none hangs.
            batch.Fail(exception);
        }
    }

    /// <summary>Takes a charge back.</summary>
    /// <exception cref="RateLimitStoreException">Redis is away.</exception>
    public async ValueTask RefundAsync(RedisLimitedKey key, long units, long at)
    {
        var numbers = new Doubles(3 + 3 * key.Policy.Tiers.Count);
        numbers.Write(1);
        numbers.Write(key.Policy);
        numbers.Write(units);
        numbers.Write(at);
        RedisValue[] arguments = [numbers.Bytes];
        await RunAsync(scripts.Refund(key.Policy), key.Keys, arguments).ConfigureAwait(false);
    }

    /// <exception cref="RateLimitStoreException">Redis is away.</exception>
    public async ValueTask DeleteAsync(RedisKey[] keys) => await RunAsync(scripts.Single("reset.lua"), keys, []).ConfigureAwait(false);

    /// <exception cref="RateLimitStoreException">Redis is away.</exception>
    public async ValueTask<RedisResult> RunAsync(RedisScript script, RedisKey[] keys, RedisValue[] arguments)
    {
        try
        {
            return await breaker.EvaluateAsync(script, keys, arguments, Timeout).ConfigureAwait(false);
        }
        catch (Exception exception) when (StoreBreaker.IsAway(exception))
        {
            throw new RateLimitStoreException($"Redis doesn't answer the limiter: {exception.Message}", exception);
        }
    }

    /// <summary>Listens to a channel; where Redis is away nothing is heard.</summary>
    public async Task SubscribeAsync(RedisChannel channel, Action<RedisChannel, RedisValue> handler)
    {
        try
        {
            await redis.GetSubscriber().SubscribeAsync(channel, handler).WaitAsync(Timeout, time).ConfigureAwait(false);
        }
        catch (Exception exception) when (StoreBreaker.IsAway(exception))
        {
            // Who listens wakes by the clock as well.
        }
    }

    public async Task UnsubscribeAsync(RedisChannel channel, Action<RedisChannel, RedisValue> handler)
    {
        try
        {
            await redis.GetSubscriber().UnsubscribeAsync(channel, handler).WaitAsync(Timeout, time).ConfigureAwait(false);
        }
        catch (Exception exception) when (StoreBreaker.IsAway(exception))
        {
            // There is nothing to hear either.
        }
    }

    public void Dispose() => breaker.Dispose();

    private bool IsCluster => redis.GetEndPoints().Any(endpoint => redis.GetServer(endpoint).ServerType == ServerType.Cluster);

    // One script call reaches one slot of a cluster.
    private Task DecideKeyByKeyAsync(Batch batch) =>
        Task.WhenAll(batch.Keys.Select(key => DecideAsync(new Batch(batch.Policy) { Keys = { key } })));

    // Where several wait, or other work does, the threads have enough to do.
    private static bool MaySpin(Batch batch) => batch.Lone is not null && ThreadPool.PendingWorkItemCount <= Environment.ProcessorCount;

    private Func<RedisLimitedKey, int, int, int, IAsyncDisposable> LeaseOf(string name) =>
        (key, subject, call, units) => leases.Hold(key, $"{name}{subject}:{call}:", units);

    private RateLimitDecision DecideWithoutStore(RedisLimitedKey key, Call call)
    {
        key.Counts.CountStoreAway();
        return key.Policy.OnStoreFailure == StoreFailure.Local && call.MaxWait != Call.OnlyAsks
            ? fallback.Decide(key.Policy.Share, key.Partition, Math.Min(call.Units, key.Policy.Share.Capacity), isStoreUnavailable: true)
            : RateLimitDecision.WithoutStore(key.Policy, RetryAfterOutage);
    }
}
