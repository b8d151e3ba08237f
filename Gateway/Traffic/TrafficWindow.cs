using System.Globalization;

namespace Sluice.Gateway.Traffic;

/// <summary>What GET /metrics is asked for.</summary>
/// <param name="Length">How far back, in whole seconds.</param>
/// <param name="WithSeries">Whether over time too.</param>
internal readonly record struct TrafficWindow(TimeSpan Length, bool WithSeries)
{
    private const string WindowField = "window";
    private const string SeriesField = "series";
    private const int MostPoints = 360;

    private static readonly TimeSpan standard = TimeSpan.FromHours(1);

    /// <summary>Steps of a series, in seconds.</summary>
    private static readonly int[] steps = [1, 5, 60, 300, 900, 3600, 21_600, 86_400];

    /// <param name="query">window: a whole number with s, m, h or d. series: true or false.</param>
    /// <param name="longest">The longest window there is.</param>
    /// <param name="faults">What is wrong, by field.</param>
    public static TrafficWindow Read(IQueryCollection query, TimeSpan longest, Dictionary<string, string[]> faults)
    {
        var length = standard;
        if (query[WindowField].ToString() is { Length: > 0 } window)
        {
            if (LengthOf(window) is { } asked && asked > TimeSpan.Zero && asked <= longest)
                length = asked;
            else
                faults[WindowField] = [
                    $"{WindowField} must be a whole number of at least 1 with s, m, h or d, such as 15m, and at most {longest.TotalDays:0.##}d; is '{window}'."];
        }

        var withSeries = false;
        if (query[SeriesField].ToString() is { Length: > 0 } series && !bool.TryParse(series, out withSeries))
            faults[SeriesField] = [$"{SeriesField} must be true or false, is '{series}'."];
        return new(length, withSeries);
    }

    /// <summary>Where it begins. Where there are no more seconds, at a full minute.</summary>
    public DateTimeOffset From(DateTimeOffset now, TimeSpan secondsKept) => Length < secondsKept
        ? new(now.UtcTicks - Length.Ticks - (now.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero)
        : TrafficStore.MinuteOf(now - Length);

    /// <summary>The finest step whose points a person can tell apart.</summary>
    public int StepSeconds(TimeSpan secondsKept)
    {
        foreach (var step in steps)
            if (Length.TotalSeconds / step <= MostPoints && (step >= 60 || Length < secondsKept))
                return step;
        return steps[^1];
    }

    private static TimeSpan? LengthOf(string text) =>
        text.Length > 1 && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? text[^1] switch
            {
                's' => TimeSpan.FromSeconds(number),
                'm' => TimeSpan.FromMinutes(number),
                'h' => TimeSpan.FromHours(number),
                'd' => TimeSpan.FromDays(Math.Min(number, TimeSpan.MaxValue.Days)),
                _ => null,
            }
            : null;
}
