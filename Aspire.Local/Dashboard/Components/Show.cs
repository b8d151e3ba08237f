using System.Globalization;
using Aspire.Dashboard.Telemetry;

namespace Aspire.Dashboard.Components;

/// <summary>Numbers and times as people read them. The viewer sits at the same machine, so its time zone is theirs.</summary>
internal static class Show
{
    public static DateTimeOffset Moment(long nanoseconds) => DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / TimeSpan.NanosecondsPerTick).ToLocalTime();

    public static string Time(long nanoseconds) => Moment(nanoseconds).ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);

    public static string FullTime(long nanoseconds) => Moment(nanoseconds).ToString("yyyy-MM-dd HH:mm:ss.ffffff zzz", CultureInfo.InvariantCulture);

    public static string Time(DateTime? utc) => utc is { } time ? time.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture) : "–";

    public static string Duration(TimeSpan duration) => duration switch
    {
        { TotalMicroseconds: < 1000 } => Format(duration.TotalMicroseconds, "µs"),
        { TotalMilliseconds: < 1000 } => Format(duration.TotalMilliseconds, "ms"),
        { TotalSeconds: < 60 } => Format(duration.TotalSeconds, "s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)duration.TotalMinutes} min {duration.Seconds} s"),
    };

    public static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Three digits, and what they are thousands of.</summary>
    public static string Short(double number) => Math.Abs(number) switch
    {
        double.NaN => "–",
        0 => "0",
        >= 1e9 => Digits(number / 1e9) + " G",
        >= 1e6 => Digits(number / 1e6) + " M",
        >= 1e4 => Digits(number / 1e3) + " k",
        >= 1e-3 => Digits(number),
        >= 1e-6 => Digits(number * 1e6) + " µ",
        _ => number.ToString("0.##E0", CultureInfo.InvariantCulture),
    };

    public static string Bytes(long bytes) => bytes < 1024 * 1024
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.#} KB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0 / 1024:0.#} MB");

    public static string Percent(double share) => (100 * share).ToString("0.####", CultureInfo.InvariantCulture) + "%";

    public static string Colour(TelemetrySource source) => $"c{source.Colour}";

    public static string? Pressed(bool isPressed) => isPressed ? "true" : null;

    private static string Format(double value, string unit) => Digits(value) + " " + unit;

    private static string Digits(double value) => value.ToString(Math.Abs(value) switch { >= 100 => "0", >= 10 => "0.#", >= 1 => "0.##", _ => "0.####" }, CultureInfo.InvariantCulture);
}
