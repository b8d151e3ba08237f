using Sluice.ImportOrchestrator.Forecasts;
using Sluice.RateLimiting;
using Sluice.Sources.Options;

namespace Sluice.ImportOrchestrator.Api;

/// <summary>From the first to the last of n requests under sliding windows, at the least.</summary>
internal static class TheoreticalTime
{
    public static TimeSpan Of(long requests, IReadOnlyList<LimitOptions> limits) => Schedule.EndOf(requests, limits, LedgerReading.Empty, []);
}
