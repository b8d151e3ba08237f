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

    /// <summary>SplitMix64 (Steele, Lea, Flood 2014), started from seed and id: fixed for ever, unlike <see cref="Random"/>.</summary>
    private struct Draw(int seed, long id)
    {
        private ulong state = unchecked(((ulong)seed * 0xD1B54A32D192ED03) ^ ((ulong)id * 0x9E3779B97F4A7C15));

        public int Below(int bound)
        {
            unchecked
            {
                var z = state += 0x9E3779B97F4A7C15;
                z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
                z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
                return (int)(((z ^ (z >> 31)) >> 32) * (ulong)bound >> 32);
            }
        }

        public T From<T>(T[] choices) => choices[Below(choices.Length)];
    }
}
