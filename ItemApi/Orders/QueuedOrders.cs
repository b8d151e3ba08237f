namespace Sluice.ItemApi.Orders;

/// <summary>
/// How many orders wait: here for the broker's confirm, or in the queue for a worker. The broker counts messages, which hold any number of
/// orders; a queue is read from its front, so what waits is what was published last. Where other processes publish too, the estimate is too
/// high rather than too low. Thread-safe.
/// </summary>
internal sealed class QueuedOrders
{
    /// <summary>A power of two: messages whose sizes are remembered.</summary>
    private const int Remembered = 1 << 16;

    private readonly Lock sync = new();

    /// <summary>The orders in the first so many messages of this process, by that number, for the last of them.</summary>
    private readonly long[] sums = new long[Remembered];

    private long entered;
    private long leaving;
    private long messages;
    private long orders;
    private long read;
    private long foreign;

    public long Count
    {
        get
        {
            lock (sync)
                return Sum;
        }
    }

    /// <summary>How many messages have been confirmed: taken before the broker is asked.</summary>
    public long Published
    {
        get
        {
            lock (sync)
                return messages;
        }
    }

    // Under the lock only.
    private long Sum => entered + orders - read + foreign;

    /// <summary>Lets an order in, to be published, unless <paramref name="limit"/> orders wait.</summary>
    public bool TryEnter(long limit)
    {
        lock (sync)
        {
            if (Sum >= limit)
                return false;
            entered++;
            return true;
        }
    }

    /// <summary>A message is on its way to the broker, and may be in the queue before its confirm is here.</summary>
    public void Leaving()
    {
        lock (sync)
            leaving++;
    }

    /// <summary>The broker has answered for a message, or will not.</summary>
    public void Left(int published, bool isQueued)
    {
        lock (sync)
        {
            leaving--;
            entered -= published;
            if (!isQueued)
                return;
            orders += published;
            sums[++messages % Remembered] = orders;
        }
    }

    /// <param name="published">As it was before the broker was asked.</param>
    /// <param name="depth">Messages that wait, as the broker says.</param>
    public void Seen(long published, long depth)
    {
        lock (sync)
        {
            // Messages of others, or from before this process started, count as one order each. What this process has sent while the broker was
            // asked may be among what the broker counted, and is no other's.
            foreign = Math.Max(0, depth - messages - leaving);
            var gone = Math.Max(published - depth, Math.Max(0, messages - Remembered + 1));
            read = gone <= 0 ? 0 : sums[gone % Remembered];
        }
    }
}
