namespace Sluice.Dashboard.Live;

/// <summary>Somebody's watch of a value, until it is disposed of. Thread-safe.</summary>
public sealed class LiveWatch<T> : IDisposable
    where T : class
{
    private readonly LiveReading<T> reading;
    private readonly Action changed;
    private int isLeft;

    internal LiveWatch(LiveReading<T> reading, Action changed) => (this.reading, this.changed) = (reading, changed);

    /// <summary>What is known now.</summary>
    public LiveState<T> State => reading.State;

    /// <summary>Reads at once, and waits for it. A reading that is under way counts, and another one follows it.</summary>
    public Task NextAsync() => reading.NextAsync();

    /// <summary>Waits until something is known, but no longer than somebody would wait for a page.</summary>
    public Task FirstAsync() => reading.FirstAsync();

    public void Dispose()
    {
        if (Interlocked.Exchange(ref isLeft, 1) == 0)
            reading.Leave(this);
    }

    internal void Tell()
    {
        if (Volatile.Read(ref isLeft) == 0)
            changed();
    }
}
