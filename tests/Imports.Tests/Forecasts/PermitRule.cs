using Sluice.RateLimiting;
using Sluice.Sources.Options;

namespace Sluice.ImportTests.Forecasts;

/// <summary>
/// The permit rule, step by step: send if for each limit the permits in flight and those completed within its window are fewer than it
/// allows, else wait until one is free. Time only moves from event to event.
/// </summary>
internal sealed class PermitRule(IReadOnlyList<LimitOptions> limits)
{
    private readonly List<long> completed = [];
    private readonly PriorityQueue<long, long> inFlight = new();

    public long Now { get; private set; }

    public void StartFrom(LedgerReading reading)
    {
        foreach (var use in reading.Completed)
            completed.AddRange(Enumerable.Repeat(-use.Age.Ticks, use.Permits));
        completed.AddRange(Enumerable.Repeat(0L, reading.InFlight));
        Now = reading.ClosedFor.Ticks;
    }

    /// <summary>Sends a request at the first moment from <paramref name="earliest"/> on at which the rule allows it.</summary>
    /// <param name="concurrency">Requests in flight at the most.</param>
    /// <returns>That moment.</returns>
    public long Send(long earliest, long latency, int concurrency = int.MaxValue)
    {
        Now = Math.Max(Now, earliest);
        Land();
        while (inFlight.Count >= concurrency || limits.Any(limit => inFlight.Count + completed.Count(at => at > Now - limit.Window.Ticks) >= limit.Permits))
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
            foreach (var at in completed)
                if (at + limit.Window.Ticks is var free && free > Now && free < next)
                    next = free;
        return next;
    }

    private void Land()
    {
        while (inFlight.Count > 0 && inFlight.Peek() <= Now)
            completed.Add(inFlight.Dequeue());
        completed.RemoveAll(at => at <= Now - limits.Max(limit => limit.Window.Ticks));
    }
}
