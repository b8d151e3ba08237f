using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace Sluice.ItemApi.Items;

/// <summary>What a caller asks of the list: so many items, either from a position or after an id.</summary>
public abstract record ItemQuery(int Take)
{
    public const int DefaultTake = 10;
    public const int MostTake = 100;

    /// <summary><paramref name="Number"/> counts from 1.</summary>
    public sealed record ByPage(long Number, int Take) : ItemQuery(Take)
    {
        public long Offset => (Number - 1) * Take;
    }

    public sealed record ByOffset(long Offset, int Take) : ItemQuery(Take);

    public sealed record ByCursor(long AfterId, int Take) : ItemQuery(Take);

    /// <returns>The query, or every fault by the name of its field.</returns>
    public static (ItemQuery? Query, Dictionary<string, string[]> Faults) Read(IQueryCollection parameters)
    {
        var faults = new Dictionary<string, string[]>();
        var paged = parameters.ContainsKey("page") || parameters.ContainsKey("perPage");
        if (paged)
        {
            foreach (var other in (ReadOnlySpan<string>)["offset", "limit", "cursor"])
                if (parameters.ContainsKey(other))
                    faults[other] = [$"{other} cannot be combined with page and perPage."];
            var number = Whole("page", 1, 1);
            var perPage = Size("perPage");
            return faults.Count == 0 ? (new ByPage(number, perPage), faults) : (null, faults);
        }

        var limit = Size("limit");
        if (!parameters.TryGetValue("cursor", out var cursor))
        {
            var offset = Whole("offset", 0, 0);
            return faults.Count == 0 ? (new ByOffset(offset, limit), faults) : (null, faults);
        }

        if (parameters.ContainsKey("offset"))
            faults["offset"] = ["offset cannot be combined with cursor."];
        if (cursor.Count != 1 || !ItemCursor.TryRead(cursor[0]!, out var afterId))
        {
            faults["cursor"] = ["cursor must be the nextCursor of an earlier answer. Leave it out to start at the beginning."];
            return (null, faults);
        }

        return faults.Count == 0 ? (new ByCursor(afterId, limit), faults) : (null, faults);

        int Size(string field) => (int)Math.Min(Whole(field, 1, DefaultTake), MostTake);

        long Whole(string field, int least, int absent)
        {
            if (!parameters.TryGetValue(field, out var given))
                return absent;
            if (TryReadWhole(given, out var value) && value >= least)
                return value;
            faults[field] = [string.Create(CultureInfo.InvariantCulture, $"{field} must be a whole number of at least {least}.")];
            return absent;
        }
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
