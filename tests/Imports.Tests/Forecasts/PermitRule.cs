using Sluice.RateLimiting;
using Sluice.Sources.Options;

namespace Sluice.ImportTests.Forecasts;

/// <summary>
/// The permit rule, step by step: send if for each limit the permits in flight and those completed within its window are fewer than it
/// allows, else wait until one is free. Time only moves from event to event.
/// </summary>
internal sealed class PermitRule(IReadOnlyList<LimitOptions> limits)
{
    // In order of time.
    private readonly List<long> completed = [];
    private readonly PriorityQueue<long, long> inFlight = new();

    public long Now { get; private set; }

    public void StartFrom(LedgerReading reading)
    {
        foreach (var use in reading.Completed)
            completed.AddRange(Enumerable.Repeat(-use.Age.Ticks, use.Permits));
        completed.AddRange(Enumerable.Repeat(0L, reading.InFlight));
        completed.Sort();
        Now = reading.ClosedFor.Ticks;
    }

    /// <summary>Sends a request at the first moment from <paramref name="earliest"/> on at which the rule allows it.</summary>
    /// <param name="concurrency">Requests in flight at the most.</param>
    /// <returns>That moment.</returns>
    public long Send(long earliest, long latency, int concurrency = int.MaxValue)
    {
        Now = Math.Max(Now, earliest);
        Land();
        while (inFlight.Count >= concurrency || limits.Any(limit => inFlight.Count + completed.Count - Before(Now - limit.Window.Ticks) >= limit.Permits))
        {
            Now = NextEvent();
            Land();
        }

        inFlight.Enqueue(Now + latency, Now + latency);
        var sent = Now;
        Land();
        return sent;
    }

    private long NextEvent()
    {
        var next = inFlight.Count > 0 ? inFlight.Peek() : long.MaxValue;
        foreach (var limit in limits)
            if (Before(Now - limit.Window.Ticks) is var first && first < completed.Count)
                next = Math.Min(next, completed[first] + limit.Window.Ticks);
        return next;
    }

    private void Land()
    {
        while (inFlight.Count > 0 && inFlight.Peek() <= Now)
            completed.Add(inFlight.Dequeue());
        completed.RemoveRange(0, Before(Now - limits.Max(limit => limit.Window.Ticks)));
    }

    /// <summary>How many were completed by then.</summary>
    private int Before(long time)
    {
        var (low, high) = (0, completed.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (completed[middle] <= time)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
