using System.Globalization;
using Microsoft.JSInterop;

namespace Sluice.Dashboard.Components.Parts;

/// <summary>
/// How the viewer writes numbers and times, for charts, which the server draws: everything else is left to the browser. The service has no cultures
/// of its own. One per circuit.
/// </summary>
public sealed class ViewerFormat(IJSRuntime browser)
{
    private const double Minute = 60;
    private const double Hour = 3600;

    private NumberFormatInfo numbers = NumberFormatInfo.InvariantInfo;
    private TimeSpan offset;
    private bool isAsked;

    /// <summary>Asks the browser, once. Needs a circuit.</summary>
    /// <returns>Whether something else than before is known.</returns>
    public async Task<bool> AskAsync()
    {
        if (isAsked)
            return false;
        isAsked = true;
        var conventions = await browser.InvokeAsync<Conventions>("sluice.conventions");
        numbers = new NumberFormatInfo { NumberGroupSeparator = conventions.Group, NumberDecimalSeparator = conventions.Decimal };
        offset = TimeSpan.FromMinutes(conventions.OffsetMinutes);
        return true;
    }

    /// <summary>A number, in thousands from 10,000 on.</summary>
    public string Number(object value)
    {
        var number = Convert.ToDouble(value, CultureInfo.InvariantCulture);
        return Math.Abs(number) >= 10_000 ? $"{(number / 1000).ToString("#,0.#", numbers)} k" : number.ToString("#,0.##", numbers);
    }

    /// <summary>A span of seconds: 45 s, 2:05, 1:02:05.</summary>
    public string Seconds(object value)
    {
        var seconds = Convert.ToDouble(value, CultureInfo.InvariantCulture);
        var span = TimeSpan.FromSeconds(Math.Round(seconds));
        return seconds < Minute ? $"{seconds.ToString("0.#", numbers)} s"
            : span.ToString(seconds < Hour ? @"m\:ss" : @"h\:mm\:ss", CultureInfo.InvariantCulture);
    }

    /// <summary>A time of day, where the viewer is.</summary>
    public string Clock(DateTimeOffset at) => at.ToOffset(offset).ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    private sealed record Conventions(string Group, string Decimal, int OffsetMinutes);
}
