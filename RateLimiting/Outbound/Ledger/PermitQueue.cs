namespace Sluice.RateLimiting.Outbound;

/// <summary>Who waits for a permit of an account in this process, first come, first served. Not thread-safe.</summary>
internal sealed class PermitQueue
{
    private readonly LinkedList<PermitWaiter> waiters = [];

    public int Count => waiters.Count;

    public LinkedListNode<PermitWaiter> Add(PermitWaiter waiter) => waiters.AddLast(waiter);

    public bool Remove(LinkedListNode<PermitWaiter> node)
    {
        if (node.List is null)
            return false;
        waiters.Remove(node);
        return true;
    }

    public PermitWaiter? Next()
    {
        if (waiters.First is not { } first)
            return null;
        waiters.RemoveFirst();
        return first.Value;
    }

    /// <summary>Takes those out whose patience would end before the wait does.</summary>
    public List<PermitWaiter> TakeImpatient(TimeSpan wait, TimeProvider time)
    {
        List<PermitWaiter> taken = [];
        for (var node = waiters.First; node is not null;)
        {
            var (waiter, next) = (node.Value, node.Next);
            if (waiter.Patience != Timeout.InfiniteTimeSpan && time.GetElapsedTime(waiter.Since) + wait > waiter.Patience)
            {
                waiters.Remove(node);
                taken.Add(waiter);
            }

            node = next;
        }

        return taken;
    }

    /// <summary>The tags of those who wait, each with the time at which its first one came.</summary>
    public IEnumerable<(string Tag, long Since)> Tags() =>
        waiters.Where(waiter => waiter.Tag is not null).GroupBy(waiter => waiter.Tag!).Select(tag => (tag.Key, tag.Min(waiter => waiter.Since)));
}

/// <summary>Its continuation runs on the thread pool: those who are granted permits together start side by side.</summary>
internal sealed class PermitWaiter(string? tag, TimeSpan patience, long since) : TaskCompletionSource<Permit>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public string? Tag { get; } = tag;

    /// <summary>From <see cref="Since"/>; infinite: none is too long.</summary>
    public TimeSpan Patience { get; } = patience;

    public long Since { get; } = since;
}
