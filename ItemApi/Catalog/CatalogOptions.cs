namespace Sluice.ItemApi.Catalog;

/// <summary>Configuration section <c>Catalog</c>: the catalogue that is made up at start.</summary>
public sealed class CatalogOptions
{
    public const string Section = "Catalog";
    public const int MostItems = 10_000_000;

    /// <summary>How many items there are, 0 to 10,000,000. A larger number adds items, a smaller one removes the highest ids.</summary>
    public int Items { get; set; } = 2000;

    /// <summary>The same seed gives the same items; another one replaces them all.</summary>
    public int Seed { get; set; } = 1;
}
