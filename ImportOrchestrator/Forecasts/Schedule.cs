using Sluice.RateLimiting;
using Sluice.Sources.Options;

namespace Sluice.ImportOrchestrator.Forecasts;

/// <summary>
/// The fastest schedule of requests under sliding windows, as the permit rule makes it: request k is sent no earlier than
/// t(k) = max(t(k-1), max over the limits of t(k - permits) + window), where requests of before now count with their own times; and
/// under quotas no earlier than the period that has room for it. Responses are taken to come at once.
/// </summary>
internal static class Schedule
{
    /// <summary>Requests that are laid out one by one. What lies beyond goes on at the pace of the last half of them.</summary>
    private const long MostLaidOut = 200_000;

    /// <summary>From now to the last request.</summary>
    /// <param name="requests">Still to be sent.</param>
    /// <param name="limits">All hold at once.</param>
    /// <param name="reading">What of them is in use; permits in flight count as completed now.</param>
    /// <param name="quotas">All hold at once.</param>
    public static TimeSpan EndOf(long requests, IReadOnlyList<LimitOptions> limits, LedgerReading reading, IReadOnlyList<Quota> quotas)
    {
        if (requests <= 0)
            return TimeSpan.Zero;
        var laidOut = Math.Min(requests, MostLaidOut);
        var largest = limits.Count == 0 ? 1 : limits.Max(limit => limit.Permits);
        var past = Past(reading, largest);

        // Only the last requests of the largest limit matter: a ring of them.
        var ring = new long[Math.Min(past.Count + laidOut, largest)];
        long sent = 0;
        foreach (var at in past)
            ring[sent++ % ring.Length] = at;

        QuotaCount[] counts = [.. quotas.Select(quota => new QuotaCount(quota))];
        var last = reading.ClosedFor.Ticks;
        long half = 0;
        for (long number = 0; number < laidOut; number++, sent++)
        {
            foreach (var limit in limits)
                if (sent >= limit.Permits)
                    last = Math.Max(last, ring[(sent - limit.Permits) % ring.Length] + limit.Window.Ticks);
            for (var quota = 0; quota < counts.Length; quota++)
                last = counts[quota].Take(last);
            ring[sent % ring.Length] = last;
            if (number + 1 == laidOut / 2)
                half = last;
        }

        return laidOut == requests
            ? new TimeSpan(last)
            : new TimeSpan(last) + (requests - laidOut) / (double)(laidOut - laidOut / 2) * new TimeSpan(last - half);
    }

    /// <summary>The times of earlier requests: before now, so below zero, the oldest first, no more than matter.</summary>
    private static List<long> Past(LedgerReading reading, int largest)
    {
        List<long> past = [];
        foreach (var use in reading.Completed)
            past.AddRange(Enumerable.Repeat(-use.Age.Ticks, use.Permits));
        past.AddRange(Enumerable.Repeat(0L, reading.InFlight));
        return past.Count <= largest ? past : past[^largest..];
    }

    private struct QuotaCount(Quota quota)
    {
        private long used = quota.Used;
        private long reset = quota.ResetsIn.Ticks;

        /// <returns>The time, or that of the first period with room for the request.</returns>
        public long Take(long at)
        {
            if (used >= quota.Limit && at < reset)
                at = reset;
            while (at >= reset)
            {
                reset += quota.Length.Ticks;
                used = 0;
            }

            used++;
            return at;
        }
    }
}
