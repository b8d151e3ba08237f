using System.Numerics;

namespace Sluice.Gateway.Traffic;

/// <summary>
/// Buckets of latencies from 64 us to 134 s, eight to each doubling, so that a percentile that is read from counts is within an eighth of what it was. What
/// is shorter or longer is in the first or the last.
/// </summary>
internal static class LatencyScale
{
    private const int FirstExponent = 6;
    private const int LastExponent = 27;
    private const int PerDoubling = 8;
    private const int PerDoublingBits = 3;

    public const int Buckets = ((LastExponent - FirstExponent) * PerDoubling) + 2;

    public static int BucketOf(TimeSpan latency)
    {
        var microseconds = latency.Ticks / TimeSpan.TicksPerMicrosecond;
        if (microseconds < 1L << FirstExponent)
            return 0;
        var exponent = BitOperations.Log2((ulong)microseconds);
        return exponent >= LastExponent
            ? Buckets - 1
            : 1 + ((exponent - FirstExponent) * PerDoubling) + (int)((microseconds >> (exponent - PerDoublingBits)) & (PerDoubling - 1));
    }

    /// <param name="counts">By bucket.</param>
    /// <param name="share">0 to 1.</param>
    /// <returns>The latency that this share stayed below, in milliseconds; null where nothing was counted.</returns>
    public static double? PercentileMs(IReadOnlyList<long> counts, double share)
    {
        var wanted = counts.Sum() * share;
        if (wanted == 0)
            return null;
        var below = 0L;
        for (var bucket = 0; bucket < counts.Count; bucket++)
        {
            if (below + counts[bucket] >= wanted)
                return (LowerMicroseconds(bucket)
                    + ((LowerMicroseconds(bucket + 1) - LowerMicroseconds(bucket)) * (wanted - below) / counts[bucket])) / 1000;
            below += counts[bucket];
        }

        return null;
    }

    private static double LowerMicroseconds(int bucket)
    {
        if (bucket == 0)
            return 0;
        var (doublings, part) = Math.DivRem(bucket - 1, PerDoubling);
        return (1L << (FirstExponent + doublings)) * (1 + ((double)part / PerDoubling));
    }
}
