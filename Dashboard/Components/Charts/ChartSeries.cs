namespace Sluice.Dashboard.Components.Charts;

/// <summary>A line of a <see cref="TimeChart"/>.</summary>
/// <param name="Name">What it shows, for people.</param>
/// <param name="Colour">A colour of the style sheets: <c>accent</c>, <c>good</c>, <c>fair</c>, <c>bad</c>.</param>
/// <param name="Values">One for each time.</param>
/// <param name="Digits">Decimals that are worth showing.</param>
public sealed record ChartSeries(string Name, string Colour, IReadOnlyList<double> Values, int Digits = 0);
