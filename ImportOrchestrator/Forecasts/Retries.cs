namespace Sluice.ImportOrchestrator.Forecasts;

/// <summary>What failures, at the rate of those so far, add to the work that is left. An attempt fails with the same probability each time.</summary>
internal sealed class Retries(double failureShare, IReadOnlyList<TimeSpan> delays)
{
    /// <summary>An item that is less likely than this to be retried once more is not waited for.</summary>
    private const double Likely = 0.5;

    /// <summary>Attempts to be expected at items that have failed so often: 1 + q + q^2 + ..., to the last that is allowed.</summary>
    public double Attempts(RemainingItems items)
    {
        var (attempts, share) = (0.0, 1.0);
        for (var failures = items.Failures; failures <= delays.Count; failures++)
        {
            attempts += share;
            share *= failureShare;
        }

        return items.Count * attempts;
    }

    /// <summary>
    /// When the last retry of these items is sent at the earliest, where their first attempts are spread from now to
    /// <paramref name="lastAttempt"/>: of m items that are retried k times the last began at m / (m + 1) of that.
    /// </summary>
    public TimeSpan LastRetry(RemainingItems items, TimeSpan lastAttempt)
    {
        var latest = items.LatestAttemptIn;
        var (expected, chain) = ((double)items.Count, TimeSpan.Zero);
        for (var failures = items.Failures; failures < delays.Count; failures++)
        {
            expected *= failureShare;
            if (expected < Likely)
                break;
            chain += delays[failures];
            var began = lastAttempt * (expected / (expected + 1));
            var end = (began > items.LatestAttemptIn ? began : items.LatestAttemptIn * (expected / (expected + 1))) + chain;
            latest = end > latest ? end : latest;
        }

        return latest;
    }
}
