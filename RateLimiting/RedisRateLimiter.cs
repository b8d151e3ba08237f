using Sluice.RateLimiting.Redis;

namespace Sluice.RateLimiting;

/// <summary>
/// A distributed rate limiter: all processes that share a Redis share its limits, on Redis's clock alone. Every tier of a policy is
/// charged or none, in one script call; calls that this process makes at the same time travel in one round trip and are
/// decided first come, first served. A key that Redis has refused is refused in this process until the time that Redis gave. A decision waits for
/// Redis no longer than <see cref="RateLimitOptions.StoreTimeout"/>; then, and until Redis is back, the policy's
/// <see cref="PolicyOptions.OnStoreFailure"/> decides. Thread-safe.
/// </summary>
public sealed class RedisRateLimiter : PolicyRateLimiter, IDisposable
{
    private readonly RateLimitStore store;
    private readonly LimitedKeys keys;
    private readonly Waiter waiter;
    private readonly TimeProvider time;

    internal RedisRateLimiter(RateLimitPolicies policies, RateLimitStore store, LimiterMetrics metrics, TimeProvider time)
        : base(policies)
    {
        (this.store, this.time) = (store, time);
        keys = new LimitedKeys(store, metrics, time);
        waiter = new Waiter(store, time);
    }

    /// <summary>Whether Redis answers; while it doesn't, policies do as their <see cref="PolicyOptions.OnStoreFailure"/> says.</summary>
    public bool IsStoreAvailable => store.IsAvailable;

    /// <summary>The same with the breaker's state, and since when it is so.</summary>
    public StoreCircuit StoreCircuit => store.Circuit;

    /// <summary>Partitions that this process keeps in mind: those in use, and those used within the last seconds.</summary>
    public int TrackedPartitions => keys.Count;

    /// <summary>Stops looking after keys. Calls under way are answered.</summary>
    public void Dispose() => keys.Dispose();

    private protected override ValueTask<RateLimitDecision> AcquireUnitsAsync(RateLimitPolicy policy, string partition, int units)
    {
        var key = keys.Get(policy, partition);
        return TryRefuse(key, units) is { } refused ? new(refused) : AskAsync(key, units, maxWait: 0);
    }

    private protected override ValueTask<RateLimitDecision> PeekUnitsAsync(RateLimitPolicy policy, string partition, int units) =>
        AskAsync(keys.Get(policy, partition), units, Call.OnlyAsks);

    private protected override ValueTask<RateLimitDecision> WaitForUnitsAsync(
        RateLimitPolicy policy, string partition, int units, CancellationToken cancellationToken)
    {
        var key = keys.Get(policy, partition);
        if (policy.MaxWait == TimeSpan.Zero || !key.Waiting.TryEnter(policy.QueueLimit))
            return AcquireUnitsAsync(policy, partition, units);
        return policy.HasLeases
            ? waiter.ForLeaseAsync(key, () => AcquireUnitsAsync(policy, partition, units), cancellationToken)
            : waiter.ForSlotAsync(key, () => AskAsync(key, units, (long)policy.MaxWait.TotalMicroseconds), cancellationToken);
    }

    private protected override async ValueTask ForgetAsync(RateLimitPolicy policy, string partition)
    {
        var key = keys.Get(policy, partition);
        await store.DeleteAsync(key.Keys).ConfigureAwait(false);
        key.Refusal = null;
    }

    private RateLimitDecision? TryRefuse(RedisLimitedKey key, int units)
    {
        if (key.Refusal is not { } refusal || units != refusal.Units)
            return null;
        var now = time.GetTimestamp();
        if (now >= refusal.Until)
            return null;
        key.IsTouched = true;
        key.Counts.CountRefusedInProcess();
        var elapsed = Math.Max(0, (long)time.GetElapsedTime(refusal.Answered, now).TotalMicroseconds);
        return new RateLimitDecision(refusal.Reading, units, new Verdict(
            false, refusal.Taken, Math.Max(1, refusal.WaitMicroseconds - elapsed), refusal.BindingTier, elapsed));
    }

    private ValueTask<RateLimitDecision> AskAsync(RedisLimitedKey key, int units, long maxWait) =>
        RedisSpans.AreWanted ? TraceAsync(key, units, maxWait) : SendAsync(key, units, maxWait);

    // Apart from the caller, who would else pay for the closure when nobody listens.
    private ValueTask<RateLimitDecision> TraceAsync(RedisLimitedKey key, int units, long maxWait) =>
        RedisSpans.TraceDecisionAsync(key.Policy.Name, () => SendAsync(key, units, maxWait));

    private ValueTask<RateLimitDecision> SendAsync(RedisLimitedKey key, int units, long maxWait)
    {
        var call = Call.Of(units, maxWait);
        var decision = call.Decision;
        while (!key.Lane.TryAdd(key, call))
        {
            // It retired in between.
            keys.Forget(key);
            key = keys.Get(key.Policy, key.Partition);
        }

        return decision;
    }
}
