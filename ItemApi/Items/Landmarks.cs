namespace Sluice.ItemApi.Items;

/// <summary>The ids at every thousandth position of the catalogue, true while the catalogue's version is <paramref name="Version"/>.</summary>
public sealed record Landmarks(long Version, long[] Ids)
{
    public const int Spacing = 1000;

    /// <summary>The position <paramref name="offset"/> as so many rows after an id.</summary>
    public (long AfterId, long Skip) Before(long offset)
    {
        if (Ids.Length == 0)
            return (0, offset);
        var landmark = Math.Min(offset / Spacing, Ids.Length - 1);
        return (Ids[landmark] - 1, offset - landmark * Spacing);
    }
}
