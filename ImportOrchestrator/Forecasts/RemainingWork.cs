namespace Sluice.ImportOrchestrator.Forecasts;

/// <summary>Items that have failed as often.</summary>
/// <param name="LatestAttemptIn">From now to the latest of their next attempts; zero where none waits for one.</param>
internal sealed record RemainingItems(int Failures, long Count, TimeSpan LatestAttemptIn);

/// <summary>What is left to do of an import.</summary>
/// <param name="Items">The pending ones, by how often they have failed.</param>
/// <param name="Pages">Of the list, as far as they are known.</param>
/// <param name="ItemsToCome">On those pages.</param>
/// <param name="IsAtLeast">There are more pages, but nobody knows how many.</param>
internal sealed record RemainingWork(IReadOnlyList<RemainingItems> Items, long Pages, long ItemsToCome, bool IsAtLeast);

/// <summary>How it went so far.</summary>
/// <param name="Attempts">At items, finished.</param>
/// <param name="Failures">Of those.</param>
/// <param name="RequestsPerSecond">While the import waited for nothing; null where that was too short to tell.</param>
internal sealed record Experience(long Attempts, long Failures, double? RequestsPerSecond)
{
    /// <summary>As if so many attempts more had succeeded: the first failure of all says little.</summary>
    private const int Benefit = 5;

    public double FailureShare => (double)Failures / (Attempts + Benefit);
}
