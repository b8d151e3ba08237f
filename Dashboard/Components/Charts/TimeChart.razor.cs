using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Components;

namespace Sluice.Dashboard.Components.Charts;

/// <summary>Values over time as lines, or as areas one upon the other.</summary>
public sealed partial class TimeChart
{
    /// <summary>Where a pointer finds figures; more of them than people can hit are of no use.</summary>
    private const int MostColumns = 60;

    private static readonly TimeSpan longest = TimeSpan.FromDays(1);

    private readonly List<(string Colour, string Path, string Area)> lines = [];
    private readonly List<(int First, int Count)> columns = [];
    private ChartScale scale;

    /// <summary>What the chart shows, for who does not see it.</summary>
    [Parameter, EditorRequired]
    public required string Label { get; set; }

    /// <summary>At least one time.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<DateTimeOffset> At { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<ChartSeries> Series { get; set; }

    /// <summary>What one is, as in <c>requests per second</c>.</summary>
    [Parameter]
    public string? Unit { get; set; }

    [Parameter]
    public bool IsStacked { get; set; }

    private string TimesAs => At[^1] - At[0] > longest ? "datetime" : "time";

    protected override void OnParametersSet()
    {
        scale = ChartScale.For(Enumerable.Range(0, At.Count).Max(place =>
            IsStacked ? Series.Sum(series => series.Values[place]) : Series.Max(series => series.Values[place])));
        lines.Clear();
        var floor = new double[At.Count];
        foreach (var series in Series)
        {
            var tops = series.Values.Select((value, place) => value + floor[place]).ToArray();
            var path = PathOf(tops, 'M');
            lines.Add((series.Colour, path, IsStacked ? $"{path}{PathOf(floor, 'L', backwards: true)}Z" : ""));
            if (IsStacked)
                floor = tops;
        }

        columns.Clear();
        var each = Math.Max(1, (int)Math.Ceiling(At.Count / (double)MostColumns));
        for (var first = 0; first < At.Count; first += each)
            columns.Add((first, Math.Min(each, At.Count - first)));
    }

    private static double Mean(ChartSeries series, (int First, int Count) column) =>
        Math.Round(Enumerable.Range(column.First, column.Count).Average(place => series.Values[place]), series.Digits);

    private string PathOf(double[] values, char start, bool backwards = false)
    {
        var path = new StringBuilder();
        for (var step = 0; step < values.Length; step++)
        {
            var place = backwards ? values.Length - 1 - step : step;
            var x = values.Length == 1 ? step * 100 : 100.0 * place / (values.Length - 1);
            path.Append(CultureInfo.InvariantCulture, $"{(step == 0 ? start : 'L')}{x:0.##} {scale.Y(values[place]):0.##}");
        }

        return values.Length == 1 && !backwards ? $"{path}H100" : path.ToString();
    }
}
