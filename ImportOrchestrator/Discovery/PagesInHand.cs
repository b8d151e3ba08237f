using System.Collections.Concurrent;
using Sluice.Contracts;

namespace Sluice.ImportOrchestrator.Discovery;

/// <summary>
/// The pages that this process is fetching: one of an import at a time, and messages that turn out to be out of date. Thread-safe.
/// </summary>
internal sealed class PagesInHand
{
    private readonly ConcurrentDictionary<DiscoverImport, CancellationTokenSource> pages = new();

    /// <returns>A token that is cancelled when the import is given up; null where the page is in hand already.</returns>
    public CancellationToken? Take(DiscoverImport page)
    {
        // Not disposed: without a timer or a wait handle it has nothing to free, and GiveUp may hold it still.
        var givenUp = new CancellationTokenSource();
        return pages.TryAdd(page, givenUp) ? givenUp.Token : null;
    }

    public Guid[] Imports() => [.. pages.Keys.Select(page => page.ImportId).Distinct()];

    public void PutDown(DiscoverImport page) => pages.TryRemove(page, out _);

    public void GiveUp(Guid importId)
    {
        foreach (var (page, givenUp) in pages)
            if (page.ImportId == importId)
                givenUp.Cancel();
    }
}
