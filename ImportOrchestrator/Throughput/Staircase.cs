using Sluice.Contracts;
using Sluice.Sources.Options;

namespace Sluice.ImportOrchestrator.Throughput;

/// <summary>The most requests that sliding windows allow by a time, of the fastest schedule: see <see cref="Forecasts.Schedule"/>.</summary>
internal static class Staircase
{
    /// <summary>Requests that are laid out one by one; the steps end there.</summary>
    private const long MostLaidOut = 200_000;

    /// <param name="requests">Where the steps end.</param>
    /// <param name="span">Steps that begin later are left out.</param>
    /// <param name="limits">All hold at once; without any there are no steps.</param>
    /// <param name="most">How many steps to give, at the most: of more, some are left out between.</param>
    public static IReadOnlyList<ThroughputPoint> Of(long requests, TimeSpan span, IReadOnlyList<LimitOptions> limits, int most)
    {
        if (limits.Count == 0 || requests <= 0)
            return [];
        var ring = new long[Math.Min(requests, limits.Max(limit => limit.Permits))];
        List<ThroughputPoint> steps = [];
        long last = 0;
        long sent = 0;
        for (; sent < Math.Min(requests, MostLaidOut); sent++)
        {
            var at = last;
            foreach (var limit in limits)
                if (sent >= limit.Permits)
                    at = Math.Max(at, ring[(sent - limit.Permits) % ring.Length] + limit.Window.Ticks);
            if (at > last)
                steps.Add(Step(last, sent));
            if (at > span.Ticks)
                return Thinned(steps, most);
            ring[sent % ring.Length] = last = at;
        }

        steps.Add(Step(last, sent));
        return Thinned(steps, most);
    }

    private static ThroughputPoint Step(long at, long sent) => new(TimeSpan.FromTicks(at).TotalSeconds, sent);

    private static List<ThroughputPoint> Thinned(List<ThroughputPoint> steps, int most) => steps.Count <= most
        ? steps
        : [.. Enumerable.Range(0, most).Select(number => steps[(int)((long)number * (steps.Count - 1) / (most - 1))])];
}
