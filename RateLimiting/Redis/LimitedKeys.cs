using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Sluice.RateLimiting.Redis;

/// <summary>
/// The keys that this process has to do with. One that nobody has used for a second or two goes, so memory is bounded by what is in use.
/// Thread-safe.
/// </summary>
internal sealed class LimitedKeys : IDisposable
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);

    private readonly ConditionalWeakTable<RateLimitPolicy, KeysOfPolicy> policies = [];
    private readonly Func<RateLimitPolicy, KeysOfPolicy> create;
    private readonly ITimer sweep;
    private volatile KeysOfPolicy? latest;

    public LimitedKeys(RateLimitStore store, LimiterMetrics metrics, TimeProvider time)
    {
        create = policy => new KeysOfPolicy(policy, store, metrics.CountsOf(policy));
        sweep = time.CreateTimer(_ => Sweep(), null, SweepInterval, SweepInterval);
    }

    public int Count => policies.Sum(policy => policy.Value.Keys.Count);

    public RedisLimitedKey Get(RateLimitPolicy policy, string partition)
    {
        // Mostly one policy is asked for again and again, and the weak table takes its time.
        var keys = latest;
        if (keys?.Policy != policy)
            latest = keys = policies.GetValue(policy, create.Invoke);
        return keys.Get(partition);
    }

    public void Forget(RedisLimitedKey key)
    {
        if (policies.TryGetValue(key.Policy, out var keys))
            keys.Keys.TryRemove(KeyValuePair.Create(key.Partition, key));
    }

    public void Dispose() => sweep.Dispose();

    private void Sweep()
    {
        foreach (var (_, keys) in policies)
            foreach (var (_, key) in keys.Keys)
                if (key.Lane.TryRetire(key))
                    Forget(key);
    }

    private sealed class KeysOfPolicy
    {
        private readonly Func<string, RedisLimitedKey> create;

        public KeysOfPolicy(RateLimitPolicy policy, RateLimitStore store, PolicyCounts counts)
        {
            Policy = policy;
            // Few: what comes while a call is under way travels together. More than one: while Redis works on one, another is prepared.
            var lanes = Enumerable.Range(0, Math.Clamp(Environment.ProcessorCount, 2, 8)).Select(_ => new Lane(store, policy)).ToArray();
            create = partition => new RedisLimitedKey(
                policy, partition, store, lanes[(uint)partition.GetHashCode(StringComparison.Ordinal) % lanes.Length], counts);
        }

        public RateLimitPolicy Policy { get; }

        public ConcurrentDictionary<string, RedisLimitedKey> Keys { get; } = new(StringComparer.Ordinal);

        public RedisLimitedKey Get(string partition) => Keys.GetOrAdd(partition, create);
    }
}
