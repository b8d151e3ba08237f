using System.Globalization;
using Sluice.RateLimiting;
using Sluice.Sources.Options;

namespace Sluice.ImportOrchestrator.Forecasts;

/// <summary>What the end of a schedule waits for.</summary>
internal sealed record Hindrance(string Constraint, string Reason)
{
    /// <summary>The one without which the schedule would end soonest; null where nothing holds it up.</summary>
    public static Hindrance? Of(long requests, ForecastInput input)
    {
        var end = EndOf(requests, input);
        return end == TimeSpan.Zero ? null : Without(input)
            .Select(other => (other.Hindrance, End: EndOf(requests, other.Input)))
            .MinBy(other => other.End)
            .Hindrance;
    }

    private static TimeSpan EndOf(long requests, ForecastInput input) => Schedule.EndOf(requests, input.Limits, input.Ledger, input.Quotas);

    private static IEnumerable<(Hindrance Hindrance, ForecastInput Input)> Without(ForecastInput input)
    {
        foreach (var quota in input.Quotas)
            yield return (
                new("quota", FormattableString.Invariant($"quota of {quota.Limit} per {quota.Period}")),
                input with { Quotas = [.. input.Quotas.Where(other => other != quota)] });

        // The longest first: of two that hold it up alike, it is the one that stays.
        foreach (var limit in input.Limits.OrderByDescending(limit => limit.Window))
            yield return (new("limit", Described(limit)), input with { Limits = [.. input.Limits.Where(other => other != limit)] });
        yield return (new("limit", "the source is left alone for now"), input with { Ledger = input.Ledger with { ClosedFor = TimeSpan.Zero } });
    }

    private static string Described(LimitOptions limit) => string.Create(CultureInfo.InvariantCulture, $"{limit.Permits} per {Described(limit.Window)}");

    private static string Described(TimeSpan window) => window switch
    {
        { TotalSeconds: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{window.TotalMilliseconds:0.###} ms"),
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{window.TotalSeconds:0.###} s"),
        { TotalHours: <= 48 } => string.Create(CultureInfo.InvariantCulture, $"{window.TotalHours:0.###} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{window.TotalDays:0.###} d"),
    };
}
