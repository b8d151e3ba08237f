namespace Sluice.RateLimiting.Local;

/// <summary>
/// Who waits for leases: first come, first served. While somebody waits, leases that are free are nobody else's. Guarded by the key's lock.
/// </summary>
internal sealed class LeaseLine(ConcurrencyCount[] counts)
{
    private readonly LinkedList<LocalWaiter> waiters = [];

    public bool HasFree(int units) => waiters.Count == 0 && AreFree(units);

    public void Add(LocalWaiter waiter)
    {
        waiter.Place = waiters.AddLast(waiter);
        Claim(true);
    }

    /// <summary>Somebody gives up: those behind may need less.</summary>
    public void Remove(LocalWaiter waiter)
    {
        waiters.Remove(waiter.Place!);
        waiter.Place = null;
        Serve();
    }

    public void Take(int units)
    {
        foreach (var count in counts)
            count.Take(units);
    }

    public void Return(int units)
    {
        foreach (var count in counts)
            count.Return(units);
        Serve();
    }

    public void MoveTo(LocalKey key, LeaseLine other)
    {
        while (waiters.First is { } first)
        {
            waiters.RemoveFirst();
            first.Value.MoveTo(key);
            other.Add(first.Value);
        }

        other.Serve();
    }

    private void Serve()
    {
        Claim(false);
        while (waiters.First is { } first && AreFree(first.Value.Units))
        {
            waiters.RemoveFirst();
            first.Value.Place = null;
            first.Value.TakeTurn();
        }

        Claim(waiters.Count > 0);
    }

    private bool AreFree(int units) => Array.TrueForAll(counts, count => count.HasFree(units));

    private void Claim(bool isClaimed)
    {
        foreach (var count in counts)
            count.IsClaimed = isClaimed;
    }
}
