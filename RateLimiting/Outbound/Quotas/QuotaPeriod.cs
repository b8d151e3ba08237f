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
    internal static QuotaPeriod At(QuotaOptions quota, DateTimeOffset now)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(quota.TimeZone);
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, zone).DateTime);
        return quota.Period == QuotaKind.Day
            ? new(string.Create(CultureInfo.InvariantCulture, $"day {today:yyyy-MM-dd} {quota.TimeZone}"), quota.Period, quota.Permits, Midnight(today.AddDays(1), zone))
            : new(string.Create(CultureInfo.InvariantCulture, $"month {today:yyyy-MM} {quota.TimeZone}"), quota.Period, quota.Permits,
                Midnight(today.AddDays(1 - today.Day).AddMonths(1), zone));
    }

    // Where clocks are put forward at midnight, the day begins when there is a time again.
    private static DateTimeOffset Midnight(DateOnly date, TimeZoneInfo zone)
    {
        var local = date.ToDateTime(TimeOnly.MinValue);
        while (zone.IsInvalidTime(local))
            local = local.AddMinutes(15);
        // Of two midnights the first: it is the one with the larger offset.
        var offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
        return new DateTimeOffset(local, offset).ToUniversalTime();
    }
}

/// <summary>What came of charging requests to quotas.</summary>
/// <param name="Granted">How many there was room for in every period; they are charged.</param>
/// <param name="Used">What each period has used now, in the order in which they were given.</param>
public sealed record QuotaCharge(int Granted, IReadOnlyList<long> Used);
