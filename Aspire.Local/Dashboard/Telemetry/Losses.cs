namespace Aspire.Dashboard.Telemetry;

/// <summary>Counts what was not kept, so that nobody takes a gap for silence. Thread-safe.</summary>
internal sealed class Losses(Changes changes)
{
    private long requests;
    private long requestBytes;
    private long items;

    /// <summary>Requests that were refused because too much was waiting.</summary>
    public long Requests => Interlocked.Read(ref requests);

    public long RequestBytes => Interlocked.Read(ref requestBytes);

    /// <summary>Spans, records and points that were unreadable, of an unknown kind, or beyond what one trace or instrument may have.</summary>
    public long Items => Interlocked.Read(ref items);

    public void CountRequest(long bytes)
    {
        Interlocked.Increment(ref requests);
        Interlocked.Add(ref requestBytes, bytes);
        changes.Report(Topic.Losses);
    }

    public void CountItems(long number)
    {
        if (number == 0)
            return;
        Interlocked.Add(ref items, number);
        changes.Report(Topic.Losses);
    }
}
