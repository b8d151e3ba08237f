namespace Sluice.ItemApi.Orders;

/// <summary>What a SKU may look like: it stands in addresses, in keys and in logs.</summary>
internal static class Sku
{
    public const string Rule = "must be 1 to 64 letters, digits, '-', '_' or '.'";

    private const int Longest = 64;

    public static bool IsValid(string? sku) =>
        sku is { Length: > 0 and <= Longest } && sku.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.');
}
