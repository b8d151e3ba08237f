using System.Diagnostics;

namespace Sluice.RateLimiting.Redis;

/// <summary>
/// Looks for an answer for a moment before its thread goes back to the pool: a Redis near by answers in less time than a thread takes to be woken. Looks
/// no more for a while where that is mostly in vain, so a Redis farther away costs next to nothing. One thread does at a time, the others don't.
/// Thread-safe. (After the adaptive spin-then-block of Karlin, Li, Manasse, Owicki: Empirical Studies of Competitive Spinning, SOSP 1991.)
/// </summary>
internal sealed class AdaptiveSpin
{
    /// <summary>How many more misses it bears for a hit.</summary>
    public const int MissesPerHit = 2;

    /// <summary>How many misses in a row it bears at most.</summary>
    public const int MaxCredit = 64;

    /// <summary>How many answers aren't looked for when it bears no more; twice as many each time that none was seen since.</summary>
    public const int ShortestRest = 50;

    public const int LongestRest = 64 * ShortestRest;

    private const int CreditAfterRest = 8;

    /// <summary>150 us: what a thread takes to sleep and to be woken, with some to spare.</summary>
    private static readonly long Longest = Stopwatch.Frequency * 15 / 100_000;

    /// <summary>15 us: the pool's thread that read the last answer still looks for work then, but mostly won't until this one is there.</summary>
    private static readonly long ReaderTires = Stopwatch.Frequency * 15 / 1_000_000;

    private int isSpinning;
    private int credit = MaxCredit;
    private int skip;
    private int rest = ShortestRest;

    /// <summary>Whether the next answer won't be looked for.</summary>
    public bool IsResting => skip > 0;

    /// <returns>Whether the answer was seen to come.</returns>
    public bool Until(Task answer)
    {
        if (Interlocked.Exchange(ref isSpinning, 1) != 0)
            return false;
        var isSeen = false;
        if (IsResting)
        {
            skip--;
        }
        else
        {
            isSeen = Spin(answer);
            Learn(isSeen);
        }

        Volatile.Write(ref isSpinning, 0);
        return isSeen;
    }

    private static bool Spin(Task answer)
    {
        var asked = Stopwatch.GetTimestamp();
        var isReaderAwake = false;
        var spin = default(SpinWait);
        while (!answer.IsCompleted)
        {
            var waited = Stopwatch.GetTimestamp() - asked;
            if (waited >= Longest)
                return false;
            if (!isReaderAwake && waited >= ReaderTires)
            {
                ThreadPool.UnsafeQueueUserWorkItem(EmptyWork.Instance, preferLocal: false);
                isReaderAwake = true;
            }

            // Lets others run, but never sleeps.
            spin.SpinOnce(sleep1Threshold: -1);
        }

        return true;
    }

    private void Learn(bool isSeen)
    {
        if (isSeen)
        {
            (credit, rest) = (Math.Min(credit + MissesPerHit, MaxCredit), ShortestRest);
        }
        else if (--credit == 0)
        {
            (credit, skip, rest) = (CreditAfterRest, rest, Math.Min(2 * rest, LongestRest));
        }
    }

    /// <summary>Makes the thread that does it look for work for a while longer.</summary>
    private sealed class EmptyWork : IThreadPoolWorkItem
    {
        public static readonly EmptyWork Instance = new();

        public void Execute()
        {
        }
    }
}
