using System.Diagnostics.CodeAnalysis;

namespace Sluice.RateLimiting.Redis;

/// <summary>
/// Keys of a policy whose calls travel together. Calls that come while a script call is under way go with the next one, those of one key in the order of
/// their coming: one round trip for many, and none waits for a timer. Thread-safe.
/// </summary>
internal sealed class Lane(RateLimitStore store, RateLimitPolicy policy)
{
    /// <summary>Redis serves nobody else meanwhile.</summary>
    private const int MaxKeys = 128;

    /// <summary>Of one key; the others go next time.</summary>
    private const int MaxCalls = 1024;

    private readonly Lock sync = new();
    private readonly Queue<RedisLimitedKey> waiting = new();
    private readonly Batch batch = new(policy);
    private bool isRunning;

    /// <returns>False when the key has retired: the call belongs to a new one.</returns>
    public bool TryAdd(RedisLimitedKey key, Call call)
    {
        lock (sync)
        {
            if (key.IsRetired)
                return false;
            key.IsTouched = true;
            if (key.Arriving.Count == 0)
                waiting.Enqueue(key);
            key.Arriving.Add(call);
            if (isRunning)
                return true;
            isRunning = true;
        }

        Start();
        return true;
    }

    /// <returns>Whether nobody has used it for a while, so that it may go.</returns>
    public bool TryRetire(RedisLimitedKey key)
    {
        lock (sync)
        {
            if (key.IsTouched || !key.IsIdle)
            {
                key.IsTouched = false;
                return false;
            }

            key.IsRetired = true;
            return true;
        }
    }

    private void Start()
    {
        // What the lane does for later callers must not run in the first one's context.
        if (ExecutionContext.IsFlowSuppressed())
        {
            _ = RunAsync();
            return;
        }

        using (ExecutionContext.SuppressFlow())
            _ = RunAsync();
    }

    private async Task RunAsync()
    {
        // Where others are at the point of coming, they come along.
        if (ThreadPool.PendingWorkItemCount > 0)
            await Task.Yield();
        while (TryBoard())
        {
            await store.DecideAsync(batch).ConfigureAwait(false);
            if (TryEndWith(out var lone))
            {
                // Nobody stands behind it, so its caller may go on right here.
                lone.Answer();
                return;
            }

            var told = batch.AnswerAsync();
            lock (sync)
                batch.Clear();
            // Those who were answered go first: they ask again, and the next script call takes them all along.
            await told.ConfigureAwait(false);
        }
    }

    private bool TryEndWith([NotNullWhen(true)] out Call? lone)
    {
        lock (sync)
        {
            lone = waiting.Count == 0 ? batch.Lone : null;
            if (lone is null)
                return false;
            batch.Clear();
            isRunning = false;
            return true;
        }
    }

    private bool TryBoard()
    {
        lock (sync)
        {
            while (batch.Keys.Count < MaxKeys && waiting.TryDequeue(out var key))
            {
                key.Board(MaxCalls);
                batch.Keys.Add(key);
            }

            foreach (var key in batch.Keys)
                if (key.Arriving.Count > 0)
                    waiting.Enqueue(key);
            return isRunning = batch.Keys.Count > 0;
        }
    }
}
