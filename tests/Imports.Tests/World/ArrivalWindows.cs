using System.Diagnostics;

namespace Sluice.ImportTests.World;

/// <summary>Exact sliding windows over arrivals, on one clock: what the strictest server would enforce. Thread-safe.</summary>
internal sealed class ArrivalWindows(params (int Permits, TimeSpan Window)[] limits)
{
    private readonly Lock sync = new();
    private readonly List<long> arrivals = [];

    /// <returns>Whether the request is within all limits; it counts only then.</returns>
    public bool TryEnter()
    {
        lock (sync)
        {
            var now = Stopwatch.GetTimestamp();
            foreach (var (permits, window) in limits)
                if (arrivals.Count >= permits && Stopwatch.GetElapsedTime(arrivals[^permits], now) < window)
                    return false;
            arrivals.Add(now);
            return true;
        }
    }
}
