using System.Globalization;
using Sluice.Contracts;

namespace Sluice.ItemApi.Catalog;

/// <summary>Makes up an item from its id and a seed alone, so that any part of the catalogue can be made at any time.</summary>
public sealed class ItemRecipe(int seed)
{
    /// <summary>Goes up whenever the words or the way they are drawn change: catalogues made before are then replaced.</summary>
    private const int Edition = 1;

    public string Name { get; } = string.Create(CultureInfo.InvariantCulture, $"edition {Edition}, seed {seed}");

    public ItemDetail Make(long id)
    {
        var draw = new Draw(seed, id);
        var department = draw.From(Vocabulary.Departments);
        var product = draw.From(department.Products);
        var make = draw.From(product.Makes);
        var series = draw.From(Vocabulary.Series);
        var colour = draw.From(Vocabulary.Colours);
        var feature = draw.Below(department.Features.Length);
        var another = (feature + 1 + draw.Below(department.Features.Length - 1)) % department.Features.Length;

        return new ItemDetail(
            id,
            $"{series} {make} {product.Noun}, {colour}",
            $"{department.Features[feature]} {department.Features[another]} {draw.From(Vocabulary.Assurances)}",
            Price(product.TypicalPrice, ref draw));
    }

    private static decimal Price(int typical, ref Draw draw)
    {
        var whole = typical * (60 + draw.Below(121)) / 100;
        return Math.Max(whole, 1) + draw.From(Vocabulary.PriceEndings);
    }
}
