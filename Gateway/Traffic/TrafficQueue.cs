using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Microsoft.Extensions.Options;

namespace Sluice.Gateway.Traffic;

/// <summary>What was counted on its way to PostgreSQL. What doesn't fit is dropped, and counted. Thread-safe.</summary>
internal sealed class TrafficQueue
{
    private readonly Channel<TrafficBatch> waiting;
    private long pending;
    private long dropped;
    private long reported;
    private long writtenUntilTicks;

    public TrafficQueue(IOptions<TrafficOptions> options, TimeProvider time)
    {
        waiting = Channel.CreateBounded<TrafficBatch>(new BoundedChannelOptions(options.Value.Queue) { SingleReader = true });
        writtenUntilTicks = time.GetUtcNow().UtcTicks;
    }

    /// <summary>Decisions that are not written yet.</summary>
    public long Pending => Volatile.Read(ref pending);

    /// <summary>Decisions that never will be, since the start.</summary>
    public long Dropped => Volatile.Read(ref dropped);

    /// <summary>Dropped ones that PostgreSQL doesn't know of.</summary>
    public long UnreportedDrops => Dropped - Volatile.Read(ref reported);

    /// <summary>Until when everything is written.</summary>
    public DateTimeOffset WrittenUntil => new(Volatile.Read(ref writtenUntilTicks), TimeSpan.Zero);

    public void Add(TrafficBatch batch)
    {
        if (batch.IsEmpty)
        {
            if (Pending == 0)
                Volatile.Write(ref writtenUntilTicks, batch.Until.UtcTicks);
            return;
        }

        Interlocked.Add(ref pending, batch.Requests);
        if (!waiting.Writer.TryWrite(batch))
            Drop(batch.Requests);
    }

    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => waiting.Reader.WaitToReadAsync(cancellationToken);

    public bool TryTake([MaybeNullWhen(false)] out TrafficBatch batch) => waiting.Reader.TryRead(out batch);

    /// <param name="batches">What PostgreSQL has.</param>
    /// <param name="drops">What it knows of drops with them.</param>
    public void Written(IReadOnlyList<TrafficBatch> batches, long drops)
    {
        Interlocked.Add(ref reported, drops);
        Interlocked.Add(ref pending, -batches.Sum(batch => batch.Requests));
        Volatile.Write(ref writtenUntilTicks, batches[^1].Until.UtcTicks);
    }

    /// <summary>Gives up what was pending.</summary>
    public void Drop(long requests)
    {
        Interlocked.Add(ref dropped, requests);
        Interlocked.Add(ref pending, -requests);
    }
}
