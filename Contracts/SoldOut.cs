namespace Sluice.Contracts;

/// <summary>The mark by which workers tell the intake that a SKU is sold out.</summary>
public static class SoldOut
{
    /// <summary>A Redis hash: by SKU the version of the inventory at which nothing was left.</summary>
    public const string Key = "sluice:sold-out";
}
