using System.Collections.Concurrent;

namespace Sluice.ImportOrchestrator.Discovery;

/// <summary>The imports whose page this process is fetching: one page of an import at a time. Thread-safe.</summary>
internal sealed class PagesInHand
{
    private readonly ConcurrentDictionary<Guid, CancellationTokenSource> pages = new();

    /// <returns>A token that is cancelled when the import is given up; null where a page of it is in hand already.</returns>
    public CancellationToken? Take(Guid importId)
    {
        // Not disposed: without a timer or a wait handle it has nothing to free, and GiveUp may hold it still.
        var givenUp = new CancellationTokenSource();
        return pages.TryAdd(importId, givenUp) ? givenUp.Token : null;
    }

    public Guid[] All() => [.. pages.Keys];

    public void PutDown(Guid importId) => pages.TryRemove(importId, out _);

    public void GiveUp(Guid importId)
    {
        if (pages.TryGetValue(importId, out var givenUp))
            givenUp.Cancel();
    }
}
