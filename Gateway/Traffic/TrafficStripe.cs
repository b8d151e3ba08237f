using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Sluice.RateLimiting;

namespace Sluice.Gateway.Traffic;

/// <summary>
/// What one processor's requests are counted in: reading cells takes no lock, and nobody else's counting is in the way. Counting is thread-safe;
/// one at a time may take.
/// </summary>
internal sealed class TrafficStripe
{
    /// <summary>Beyond it clients that are new within an interval count together: whoever calls from very many addresses fills no memory.</summary>
    private const int MostCells = 4096;

    private readonly ConcurrentDictionary<CellKey, TrafficCell> cells = new();
    private readonly ConcurrentDictionary<string, long[]> latencies = new(StringComparer.Ordinal);

    private int size;

    public void Count(in CellKey key, Outcome outcome, in TierStatus? tier)
    {
        while (!(cells.TryGetValue(key, out var cell) ? cell : Add(key)).TryCount(outcome, tier))
        {
            // It was taken out in between.
        }
    }

    public void CountLatency(string route, TimeSpan latency)
    {
        if (!latencies.TryGetValue(route, out var counts))
            counts = latencies.GetOrAdd(route, static _ => new long[LatencyScale.Buckets]);
        Interlocked.Increment(ref counts[LatencyScale.BucketOf(latency)]);
    }

    /// <summary>Moves what was counted.</summary>
    public void TakeInto(Dictionary<RowKey, Tally> rows, Dictionary<LatencyKey, long> latencyRows)
    {
        var isCrowded = Volatile.Read(ref size) >= MostCells;
        foreach (var entry in cells)
        {
            if (Take(entry.Key, entry.Value.Take, rows) && !isCrowded)
                continue;

            // Out first: who counted in vain finds another.
            cells.TryRemove(entry);
            Interlocked.Decrement(ref size);
            Take(entry.Key, entry.Value.Close, rows);
        }

        foreach (var (route, counts) in latencies)
            for (var bucket = 0; bucket < counts.Length; bucket++)
                if (Volatile.Read(ref counts[bucket]) > 0)
                    CollectionsMarshal.GetValueRefOrAddDefault(latencyRows, new(route, bucket), out _) += Interlocked.Exchange(ref counts[bucket], 0);
    }

    private TrafficCell Add(CellKey key)
    {
        if (Volatile.Read(ref size) >= MostCells)
            key = key with { Client = BusiestClients.Others };
        var made = new TrafficCell();
        var cell = cells.GetOrAdd(key, made);
        if (ReferenceEquals(cell, made))
            Interlocked.Increment(ref size);
        return cell;
    }

    private static bool Take(in CellKey key, Func<Outcome, Tally> take, Dictionary<RowKey, Tally> rows)
    {
        var isUsed = false;
        for (var outcome = Outcome.Allowed; outcome <= Outcome.FailedClosed; outcome++)
        {
            var tally = take(outcome);
            if (tally.Requests == 0)
                continue;
            isUsed = true;
            CollectionsMarshal.GetValueRefOrAddDefault(rows, new(key.Route, key.Terms.Policy.Name, key.Terms.Strategy, key.Client, outcome), out _) += tally;
        }

        return isUsed;
    }
}
