namespace Sluice.RateLimiting.Outbound;

/// <summary>
/// Who waits for a permit of an account in this process: the tags in turn, and within a tag first come, first served. So nobody who wants
/// many keeps those waiting who want few. Not thread-safe.
/// </summary>
internal sealed class PermitQueue
{
    private readonly Dictionary<string, LinkedList<PermitWaiter>> lines = new(StringComparer.Ordinal);
    private readonly LinkedList<LinkedList<PermitWaiter>> turns = [];

    public int Count { get; private set; }

    public LinkedListNode<PermitWaiter> Add(PermitWaiter waiter)
    {
        var tag = waiter.Tag ?? "";
        if (!lines.TryGetValue(tag, out var line))
        {
            lines.Add(tag, line = []);
            turns.AddLast(line);
        }

        Count++;
        return line.AddLast(waiter);
    }

    public bool Remove(LinkedListNode<PermitWaiter> node)
    {
        if (node.List is not { } line)
            return false;
        Take(line, node);
        return true;
    }

    public PermitWaiter? Next()
    {
        if (turns.First is not { } turn)
            return null;
        var line = turn.Value;
        var waiter = Take(line, line.First!);
        if (line.Count > 0)
        {
            turns.Remove(turn);
            turns.AddLast(turn);
        }

        return waiter;
    }

    /// <summary>Takes those out whose patience would end before the wait does.</summary>
    public List<PermitWaiter> TakeImpatient(TimeSpan wait, TimeProvider time)
    {
        List<LinkedListNode<PermitWaiter>> impatient = [];
        foreach (var line in lines.Values)
            for (var node = line.First; node is not null; node = node.Next)
                if (node.Value.Patience != Timeout.InfiniteTimeSpan && time.GetElapsedTime(node.Value.Since) + wait > node.Value.Patience)
                    impatient.Add(node);
        return [.. impatient.Select(node => Take(node.List!, node))];
    }

    /// <summary>The tags of those who wait, each with the time at which its first one came.</summary>
    public IEnumerable<(string Tag, long Since)> Tags() =>
        lines.Values.Where(line => line.First!.Value.Tag is not null).Select(line => (line.First!.Value.Tag!, line.Min(waiter => waiter.Since)));

    private PermitWaiter Take(LinkedList<PermitWaiter> line, LinkedListNode<PermitWaiter> node)
    {
        line.Remove(node);
        Count--;
        if (line.Count == 0)
        {
            lines.Remove(node.Value.Tag ?? "");
            turns.Remove(line);
        }

        return node.Value;
    }
}

/// <summary>Its continuation runs on the thread pool: those who are granted permits together start side by side.</summary>
internal sealed class PermitWaiter(string? tag, TimeSpan patience, long since) : TaskCompletionSource<Permit>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public string? Tag { get; } = tag;

    /// <summary>From <see cref="Since"/>; infinite: none is too long.</summary>
    public TimeSpan Patience { get; } = patience;

    public long Since { get; } = since;
}
