namespace Sluice.RateLimiting.Local;

/// <summary>Units in use, until they are returned. Thread-safe.</summary>
internal sealed class LocalLease(KeyState state, int units) : IAsyncDisposable
{
    private bool isReturned;

    public ValueTask DisposeAsync()
    {
        Return();
        return ValueTask.CompletedTask;
    }

    public void Return()
    {
        lock (state.Sync)
        {
            if (isReturned)
                return;
            isReturned = true;
            state.ReturnLeases(units);
        }
    }
}
