using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace Sluice.ItemApi.Items;

/// <summary>Reads the numbers that a page is asked for with, and collects what is wrong with them by the name of the field.</summary>
public sealed class PageParameters(IQueryCollection parameters)
{
    public Dictionary<string, string[]> Faults { get; } = [];

    public ItemQuery.ByPage ReadPage() => new(ReadWhole("page", 1, 1), ReadSize("perPage"));

    /// <summary>More than <see cref="ItemQuery.MostTake"/> counts as that.</summary>
    public int ReadSize(string field) => (int)Math.Min(ReadWhole(field, 1, ItemQuery.DefaultTake), ItemQuery.MostTake);

    public long ReadWhole(string field, int least, int absent)
    {
        if (!parameters.TryGetValue(field, out var given))
            return absent;
        if (TryReadWhole(given, out var value) && value >= least)
            return value;
        Faults[field] = [string.Create(CultureInfo.InvariantCulture, $"{field} must be a whole number of at least {least}.")];
        return absent;
    }

    /// <summary>Reads digits alone. A number beyond all catalogues counts as <see cref="int.MaxValue"/>, so that positions cannot overflow.</summary>
    private static bool TryReadWhole(StringValues given, out long value)
    {
        value = 0;
        if (given.Count != 1 || given[0] is not { Length: > 0 } digits || digits.AsSpan().ContainsAnyExceptInRange('0', '9'))
            return false;
        value = long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? Math.Min(number, int.MaxValue) : int.MaxValue;
        return true;
    }
}
