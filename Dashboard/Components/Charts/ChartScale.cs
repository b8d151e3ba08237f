namespace Sluice.Dashboard.Components.Charts;

/// <summary>Where a value stands in a chart whose top is a round number.</summary>
internal readonly record struct ChartScale(double Top)
{
    private static readonly double[] roundParts = [1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10];

    /// <summary>From 0 to the next round number, at least 1.</summary>
    public static ChartScale For(double greatest)
    {
        if (greatest <= 1)
            return new(1);
        var magnitude = Math.Pow(10, Math.Floor(Math.Log10(greatest)));
        return new(roundParts.First(part => part * magnitude >= greatest || part == roundParts[^1]) * magnitude);
    }

    /// <summary>Down from the top, 0 to 100.</summary>
    public double Y(double value) => 100 - (100 * Math.Clamp(value / Top, 0, 1));
}
