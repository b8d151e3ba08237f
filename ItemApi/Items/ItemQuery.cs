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
        var numbers = new PageParameters(parameters);
        var faults = numbers.Faults;
        var paged = parameters.ContainsKey("page") || parameters.ContainsKey("perPage");
        if (paged)
        {
            foreach (var other in (ReadOnlySpan<string>)["offset", "limit", "cursor"])
                if (parameters.ContainsKey(other))
                    faults[other] = [$"{other} cannot be combined with page and perPage."];
            var page = numbers.ReadPage();
            return faults.Count == 0 ? (page, faults) : (null, faults);
        }

        var limit = numbers.ReadSize("limit");
        if (!parameters.TryGetValue("cursor", out var cursor))
        {
            var offset = numbers.ReadWhole("offset", 0, 0);
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
    }
}
