using System.Collections.Concurrent;

namespace Sluice.RateLimiting.Local;

/// <summary>
/// The keys of a process. What is as good as new is swept away: every now and then as long as there are keys, and whenever they have
/// doubled, so that memory follows what is in use. Thread-safe.
/// </summary>
internal sealed class KeyTable
{
    private const int FewKeys = 1024;

    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<KeyName, LocalKey> keys = new();
    private readonly LocalClock clock;
    private readonly ITimer sweeper;
    private int count;
    private int sweepAt = FewKeys;

    public KeyTable(TimeProvider time)
    {
        clock = new LocalClock(time);
        sweeper = time.CreateTimer(static table => ((KeyTable)table!).Sweep(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public int Count => Volatile.Read(ref count);

    /// <summary>Locks a partition's state until the scope is disposed of.</summary>
    public Lock.Scope Enter(RateLimitPolicy policy, string partition, out LocalKey key)
    {
        var name = new KeyName(policy, partition);
        while (true)
        {
            key = Find(name);
            var scope = key.State.Sync.EnterScope();
            if (!key.State.IsRetired)
                return scope;
            scope.Dispose();
            Remove(name, key);
        }
    }

    public void Reset(RateLimitPolicy policy, string partition)
    {
        var name = new KeyName(policy, partition);
        if (!keys.TryGetValue(name, out var key))
            return;
        // Where it has retired meanwhile, it has just been forgotten.
        lock (key.State.Sync)
            if (!key.State.IsRetired)
                keys[name] = key.State.Renew(key);
    }

    private LocalKey Find(KeyName name)
    {
        while (true)
        {
            if (!keys.TryGetValue(name, out var key))
            {
                key = new LocalKey(name.Policy, name.Partition, new KeyState(clock, new Lock(), name.Policy.Tiers));
                if (!keys.TryAdd(name, key))
                    continue;
                CountOneMore();
                return key;
            }

            if (ReferenceEquals(key.Policy, name.Policy))
                return key;
            // The policy was read anew and has the same tiers: what is counted goes on.
            var successor = new LocalKey(name.Policy, name.Partition, key.State);
            if (keys.TryUpdate(name, successor, key))
                return successor;
        }
    }

    private void Remove(KeyName name, LocalKey key)
    {
        if (keys.TryRemove(KeyValuePair.Create(name, key)))
            Interlocked.Decrement(ref count);
    }

    private void CountOneMore()
    {
        var keyCount = Interlocked.Increment(ref count);
        if (keyCount == 1)
            sweeper.Change(SweepInterval, Timeout.InfiniteTimeSpan);
        var limit = Volatile.Read(ref sweepAt);
        if (keyCount >= limit && Interlocked.CompareExchange(ref sweepAt, int.MaxValue, limit) == limit)
            sweeper.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private void Sweep()
    {
        foreach (var (name, key) in keys)
            lock (key.State.Sync)
                if (key.State.IsRetired || key.State.TryRetire(clock.Now))
                    Remove(name, key);
        Volatile.Write(ref sweepAt, Math.Max(FewKeys, 2 * Count));
        if (Count > 0)
            sweeper.Change(SweepInterval, Timeout.InfiniteTimeSpan);
    }
}
