using StackExchange.Redis;

namespace Sluice.RateLimiting.Redis;

/// <summary>
/// The calls for one key in this process. Those that come while a script call is under way travel together in the next one, in the
/// order of their coming: one round trip for many, and none waits for a timer. A drained queue retires; thread-safe.
/// </summary>
internal sealed class KeyQueue
{
    private readonly RateLimitStore store;
    private readonly RateLimitPolicy policy;
    private readonly RedisKey[] keys;
    private readonly Action<KeyQueue> retire;
    private readonly Lock sync = new();
    private List<Call> arriving = [];
    private List<Call> travelling = [];
    private bool isRunning;
    private bool isRetired;

    public KeyQueue(RateLimitStore store, QueueKey key, Action<KeyQueue> retire)
    {
        (this.store, policy, this.retire) = (store, key.Policy, retire);
        Key = key;
        keys = [.. policy.Tiers.Select(tier => (RedisKey)$"rl:{{{policy.Name}:{key.Partition}}}:{ScriptLibrary.NameOf(tier.Algorithm)}:{tier.Name}")];
    }

    public QueueKey Key { get; }

    /// <returns>False when the queue has retired: the call belongs into a new one.</returns>
    public bool TryAdd(Call call)
    {
        lock (sync)
        {
            if (isRetired)
                return false;
            arriving.Add(call);
            if (isRunning)
                return true;
            isRunning = true;
        }

        // What the queue does for later callers must not run in the first one's context.
        if (ExecutionContext.IsFlowSuppressed())
        {
            _ = RunAsync();
            return true;
        }

        using (ExecutionContext.SuppressFlow())
            _ = RunAsync();
        return true;
    }

    private async Task RunAsync()
    {
        while (TakeBatch())
        {
            await store.DecideAsync(policy, keys, travelling).ConfigureAwait(false);
            travelling.Clear();
        }
    }

    private bool TakeBatch()
    {
        lock (sync)
        {
            if (arriving.Count > 0)
            {
                (arriving, travelling) = (travelling, arriving);
                return true;
            }

            isRetired = true;
        }

        retire(this);
        return false;
    }
}

/// <summary>What has a queue of its own.</summary>
internal readonly record struct QueueKey(RateLimitPolicy Policy, string Partition);
