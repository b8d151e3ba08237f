using System.Globalization;
using Sluice.Contracts;
using Sluice.RateLimiting;
using Sluice.Sources.Options;

namespace Sluice.ImportOrchestrator.Forecasts;

/// <summary>What a forecast is made from.</summary>
/// <param name="OthersRequests">What is left of each other import of the account that runs: they share its budget evenly.</param>
internal sealed record ForecastInput(
    RemainingWork Work, Experience Experience, IReadOnlyList<TimeSpan> RetryDelays,
    IReadOnlyList<LimitOptions> Limits, LedgerReading Ledger, IReadOnlyList<Quota> Quotas, IReadOnlyList<long> OthersRequests);

/// <summary>When an import ends, if all goes on as it did. Only numbers: no clock, no store.</summary>
internal static class Forecast
{
    public static ImportForecast Of(ForecastInput input, DateTimeOffset now)
    {
        var (requests, ends, constraint, reason) = Estimate(input);
        return new ImportForecast(now + ends, Math.Round(ends.TotalSeconds, 3), requests, input.Work.IsAtLeast, constraint, reason);
    }

    /// <summary>Of an import that somebody has to resume.</summary>
    public static ImportForecast Unknown(ForecastInput input, string reason) =>
        new(null, null, RequestsOf(input), input.Work.IsAtLeast, "pause", reason);

    /// <summary>Requests to be expected for what is left.</summary>
    public static long RequestsOf(ForecastInput input)
    {
        var retries = new Retries(input.Experience.FailureShare, input.RetryDelays);
        return input.Work.Pages + (long)Math.Round(AllItems(input.Work).Sum(retries.Attempts));
    }

    private static (long Requests, TimeSpan Ends, string Constraint, string Reason) Estimate(ForecastInput input)
    {
        var requests = RequestsOf(input);
        if (requests == 0)
            return (0, TimeSpan.Zero, "none", "nothing is left to do");

        // Until this one is done, each other one gets as much as it, or all that it wants.
        var shared = requests + input.OthersRequests.Sum(other => Math.Min(other, requests));
        var ends = Schedule.EndOf(shared, input.Limits, input.Ledger, input.Quotas);
        var (constraint, reason) = Hindrance.Of(shared, input) ?? new Hindrance("none", "nothing holds it up");
        if (input.Experience.RequestsPerSecond is { } pace && shared / pace > ends.TotalSeconds)
        {
            ends = TimeSpan.FromSeconds(Math.Min(shared / pace, TimeSpan.FromDays(36500).TotalSeconds));
            (constraint, reason) = ("concurrency", string.Create(CultureInfo.InvariantCulture, $"{pace:0.#} requests per second at full concurrency"));
        }

        var retries = new Retries(input.Experience.FailureShare, input.RetryDelays);
        var lastRetry = AllItems(input.Work).Where(items => items.Count > 0).Select(items => retries.LastRetry(items, ends)).DefaultIfEmpty().Max();
        return lastRetry > ends ? (requests, lastRetry, "retry", "retry delays") : (requests, ends, constraint, reason);
    }

    private static IEnumerable<RemainingItems> AllItems(RemainingWork work) => work.Items.Append(new RemainingItems(0, work.ItemsToCome, TimeSpan.Zero));
}
