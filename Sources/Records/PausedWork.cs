namespace Sluice.Sources.Records;

/// <summary>
/// Sends back the requests of paused imports that wait for a permit in this process. Those on the wire have used theirs and come to
/// their end. Thread-safe.
/// </summary>
public sealed class PausedWork
{
    private readonly Lock sync = new();
    private readonly Dictionary<Guid, Waiters> imports = [];

    /// <summary>A request of the import begins; the token is cancelled when the import is sent back.</summary>
    public IDisposable Enter(Guid importId, out CancellationToken isPaused)
    {
        lock (sync)
        {
            if (!imports.TryGetValue(importId, out var waiters))
                imports.Add(importId, waiters = new Waiters());
            waiters.Count++;
            isPaused = waiters.Signal.Token;
            return new Entry(this, importId, waiters);
        }
    }

    /// <summary>Sends back what waits now; what begins to wait later does so until the next time.</summary>
    public void SendBack(Guid importId)
    {
        Waiters? waiters;
        lock (sync)
            imports.Remove(importId, out waiters);
        waiters?.Signal.Cancel();
    }

    private void Leave(Guid importId, Waiters waiters)
    {
        lock (sync)
            if (--waiters.Count == 0 && imports.TryGetValue(importId, out var current) && current == waiters)
                imports.Remove(importId);
    }

    private sealed class Waiters
    {
        // Not disposed: without a timer or a wait handle it has nothing to free, and SendBack may hold it still.
        public CancellationTokenSource Signal { get; } = new();

        public int Count { get; set; }
    }

    private sealed class Entry(PausedWork work, Guid importId, Waiters waiters) : IDisposable
    {
        public void Dispose() => work.Leave(importId, waiters);
    }
}
