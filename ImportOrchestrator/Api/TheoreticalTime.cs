using Sluice.Sources.Options;

namespace Sluice.ImportOrchestrator.Api;

/// <summary>
/// From the first to the last of n requests under sliding windows, at the least: request k is sent no earlier than
/// t(k) = max(t(k-1), max over the limits of t(k - permits) + window).
/// </summary>
internal static class TheoreticalTime
{
    public static TimeSpan Of(long requests, IReadOnlyList<LimitOptions> limits)
    {
        if (requests <= 1)
            return TimeSpan.Zero;

        // Only the last requests of the widest limit matter: a ring of them.
        var ring = new long[Math.Min(requests, limits.Max(limit => limit.Permits))];
        long last = 0;
        for (long k = 0; k < requests; k++)
        {
            foreach (var limit in limits)
                if (k >= limit.Permits)
                    last = Math.Max(last, ring[(k - limit.Permits) % ring.Length] + limit.Window.Ticks);
            ring[k % ring.Length] = last;
        }

        return new TimeSpan(last);
    }
}
