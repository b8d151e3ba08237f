using System.Globalization;

namespace Sluice.RateLimiting;

/// <summary>What permits and windows may be, inbound and outbound alike.</summary>
internal static class WindowLimits
{
    public const int MaxPermits = 1_000_000;

    public static readonly TimeSpan MinWindow = TimeSpan.FromMilliseconds(1);

    public static readonly TimeSpan MaxWindow = TimeSpan.FromDays(366);

    public static IEnumerable<string> Faults(string path, int permits, TimeSpan window)
    {
        if (permits is < 1 or > MaxPermits)
            yield return string.Create(CultureInfo.InvariantCulture, $"{path}:Permits must be 1 to {MaxPermits:N0}, not {permits}");
        if (window < MinWindow || window > MaxWindow)
            yield return $"{path}:Window must be {MinWindow:c} to {MaxWindow:c}, not {window:c}";
    }
}
