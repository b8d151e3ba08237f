using System.Globalization;
using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.ItemApi.Catalog;

namespace Sluice.ItemApi.Records;

/// <summary>Makes up a day's records from the day and a seed alone: they are kept nowhere, and every process gives the same.</summary>
public sealed class RecordRecipe(IOptions<RecordsOptions> options, IOptions<CatalogOptions> catalogue)
{
    private const int SecondsOfDay = 86_400;

    private static readonly (string Kind, int Sign)[] kinds = [("sale", 1), ("sale", 1), ("sale", 1), ("sale", 1), ("return", -1), ("delivery", 1)];

    /// <summary>How many records the day has: none outside of the configured days.</summary>
    public int CountOn(DateOnly date)
    {
        var (from, to, perDay) = (options.Value.From, options.Value.To, options.Value.PerDay);
        return date < from || date > to ? 0 : perDay * (80 + DrawFor(date, -1).Below(41)) / 100;
    }

    /// <param name="date">A day.</param>
    /// <param name="number">From 0; below <paramref name="count"/>.</param>
    /// <param name="count">How many the day has.</param>
    public DailyRecord Make(DateOnly date, int number, int count)
    {
        var draw = DrawFor(date, number);
        var (kind, sign) = draw.From(kinds);
        var quantity = 1 + draw.Below(5);

        // Each has a share of the day of its own, so that they come in the order of time.
        var second = (int)((number + draw.Share()) * SecondsOfDay / count);
        return new DailyRecord(
            string.Create(CultureInfo.InvariantCulture, $"{date:yyyyMMdd}-{number + 1:00000}"),
            date, new TimeOnly(second * TimeSpan.TicksPerSecond), kind,
            1 + draw.Below(Math.Max(1, catalogue.Value.Items)), quantity, sign * quantity * (1 + draw.Below(20_000) / 100m));
    }

    private Draw DrawFor(DateOnly date, int number) => new(options.Value.Seed, ((long)date.DayNumber << 32) + number);
}
