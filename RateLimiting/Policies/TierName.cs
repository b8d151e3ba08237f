using System.Globalization;

namespace Sluice.RateLimiting;

/// <summary>Names that fit a header and a Redis key alike.</summary>
internal static class TierName
{
    public const int MaxLength = 64;

    public static string Of(TierOptions tier) => tier.Name ?? Of(tier.Permits, tier.Window);

    public static bool IsValid(string name) =>
        name.Length is > 0 and <= MaxLength && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.');

    private static string Of(int permits, TimeSpan window) =>
        string.Create(CultureInfo.InvariantCulture, $"{permits}-per-{window.TotalSeconds:0.######}s");
}
