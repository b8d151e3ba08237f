using System.Globalization;

namespace Sluice.RateLimiting;

/// <summary>One day or month of a quota. Immutable.</summary>
/// <param name="Key">What tells it from all other periods of the account, such as <c>day 2026-11-21 UTC</c>.</param>
/// <param name="Kind">Which.</param>
/// <param name="Limit">Requests that it allows.</param>
/// <param name="End">When the next one begins.</param>
public sealed record QuotaPeriod(string Key, QuotaKind Kind, int Limit, DateTimeOffset End)
{
    /// <summary>The period of a quota that a moment is in.</summary>
    /// <param name="quota">A valid one.</param>
    /// <param name="now">The moment.</param>
    /// <exception cref="TimeZoneNotFoundException">There is no such time zone.</exception>
    public static QuotaPeriod At(QuotaOptions quota, DateTimeOffset now)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(quota.TimeZone);
        var today = DateAt(now, zone);
        return quota.Period == QuotaKind.Day
            ? new(string.Create(CultureInfo.InvariantCulture, $"day {today:yyyy-MM-dd} {quota.TimeZone}"), quota.Period, quota.Permits, Midnight(today.AddDays(1), zone))
            : new(string.Create(CultureInfo.InvariantCulture, $"month {today:yyyy-MM} {quota.TimeZone}"), quota.Period, quota.Permits,
                Midnight(today.AddDays(1 - today.Day).AddMonths(1), zone));
    }

    // Where clocks are put forward at midnight, the day begins when there is a time again; of two midnights it is the first.
    private static DateTimeOffset Midnight(DateOnly date, TimeZoneInfo zone)
    {
        DateTimeOffset midnight = new(date.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        return new[] { zone.GetUtcOffset(midnight.AddDays(-1)), zone.GetUtcOffset(midnight.AddDays(1)) }
            .Select(offset => midnight - offset)
            .Where(moment => DateAt(moment, zone) >= date && DateAt(moment.AddTicks(-1), zone) < date)
            .DefaultIfEmpty(midnight - zone.GetUtcOffset(midnight))
            .Min();
    }

    private static DateOnly DateAt(DateTimeOffset moment, TimeZoneInfo zone) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(moment, zone).DateTime);
}

/// <summary>What came of charging requests to quotas.</summary>
/// <param name="Granted">How many there was room for in every period; they are charged.</param>
/// <param name="Used">What each period has used now, in the order in which they were given.</param>
public sealed record QuotaCharge(int Granted, IReadOnlyList<long> Used);
