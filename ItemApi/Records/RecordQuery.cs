using System.Globalization;
using Sluice.ItemApi.Items;

namespace Sluice.ItemApi.Records;

/// <summary>What a caller asks of a day: so many of its records, after a position.</summary>
internal sealed record RecordQuery(DateOnly Date, int After, int Take)
{
    private const string Format = "yyyy-MM-dd";

    /// <returns>The query, or every fault by the name of its field.</returns>
    public static (RecordQuery? Query, Dictionary<string, string[]> Faults) Read(IQueryCollection parameters)
    {
        var numbers = new PageParameters(parameters);
        var take = numbers.ReadSize("limit");
        var after = 0;
        if (parameters["date"] is not [{ } day] || !DateOnly.TryParseExact(day, Format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
        {
            date = default;
            numbers.Faults["date"] = ["date must be given once, as in 2025-01-31."];
        }
        else if (parameters.TryGetValue("cursor", out var cursor) && cursor is not [""] && (cursor is not [{ } text] || !RecordCursor.TryRead(text, date, out after)))
        {
            numbers.Faults["cursor"] = ["cursor must be a nextCursor of an earlier answer for the same date."];
        }

        return numbers.Faults.Count == 0 ? (new RecordQuery(date, after, take), numbers.Faults) : (null, numbers.Faults);
    }
}
