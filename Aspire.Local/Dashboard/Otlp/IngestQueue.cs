using System.Threading.Channels;

namespace Aspire.Dashboard.Otlp;

/// <summary>Requests that wait to be read: as many as fit in a number of bytes. Thread-safe.</summary>
internal sealed class IngestQueue(TelemetryLimits limits)
{
    private readonly Channel<OtlpRequest> requests = Channel.CreateUnbounded<OtlpRequest>(new UnboundedChannelOptions { SingleReader = true });
    private long pending;

    public long PendingBytes => Interlocked.Read(ref pending);

    /// <summary>Takes room for a request before its body is read.</summary>
    /// <returns>False: there is none.</returns>
    public bool TryReserve(int bytes)
    {
        if (Interlocked.Add(ref pending, bytes) <= limits.MaxPendingBytes)
            return true;
        Release(bytes);
        return false;
    }

    public void Release(int bytes) => Interlocked.Add(ref pending, -bytes);

    public void Add(OtlpRequest request) => requests.Writer.TryWrite(request);

    public IAsyncEnumerable<OtlpRequest> ReadAllAsync(CancellationToken cancellationToken) => requests.Reader.ReadAllAsync(cancellationToken);
}
