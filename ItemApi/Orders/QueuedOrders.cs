namespace Sluice.ItemApi.Orders;

/// <summary>
/// How many orders wait for a worker. The broker counts messages, which hold any number of orders; a queue is read from its front, so what
/// waits is what was published last. Where other processes publish too, the estimate is too high rather than too low. Thread-safe.
/// </summary>
internal sealed class QueuedOrders
{
    /// <summary>A power of two: messages whose sizes are remembered.</summary>
    private const int Remembered = 1 << 16;

    private readonly Lock sync = new();

    /// <summary>The orders in the first so many messages of this process, by that number, for the last of them.</summary>
    private readonly long[] sums = new long[Remembered];

    private long messages;
    private long orders;
    private long read;
    private long before;

    /// <summary>Orders in the queue.</summary>
    public long Count
    {
        get
        {
            lock (sync)
                return orders - read + before;
        }
    }

    /// <summary>How many messages have been published: taken before the broker is asked.</summary>
    public long Published
    {
        get
        {
            lock (sync)
                return messages;
        }
    }

    public void Add(int published)
    {
        lock (sync)
        {
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
            // Messages from before this process started count as one order each.
            before = Math.Max(0, depth - published);
            var gone = Math.Max(published - depth, Math.Max(0, messages - Remembered + 1));
            read = gone <= 0 ? 0 : sums[gone % Remembered];
        }
    }
}
