using System.Globalization;

namespace Sluice.ImportOrchestrator.Api;

/// <summary>cursor or offset, and limit of a query. Empty ones are none.</summary>
internal static class PageRequest
{
    private const int DefaultLimit = 50;
    private const int LargestLimit = 500;

    /// <returns>The limit, cut to the largest; what isn't a number of at least 1 is an error.</returns>
    public static int Limit(string? limit, Dictionary<string, string[]> errors)
    {
        if (string.IsNullOrEmpty(limit))
            return DefaultLimit;
        if (long.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1)
            return (int)Math.Min(number, LargestLimit);
        errors["limit"] = [$"'{limit}' is not a number of at least 1."];
        return DefaultLimit;
    }

    /// <returns>How many to pass over, in place of a cursor; null where none is given.</returns>
    public static long? Offset(string? offset, string? cursor, Dictionary<string, string[]> errors)
    {
        if (string.IsNullOrEmpty(offset))
            return null;
        if (!long.TryParse(offset, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            errors["offset"] = [$"'{offset}' is not a number of at least 0."];
        else if (!string.IsNullOrEmpty(cursor))
            errors["offset"] = ["There is a cursor already: one of both."];
        return number;
    }

    public static T? Cursor<T>(string? cursor, Dictionary<string, string[]> errors) where T : struct, IParsable<T>
    {
        if (string.IsNullOrEmpty(cursor))
            return null;
        if (T.TryParse(cursor, CultureInfo.InvariantCulture, out var value))
            return value;
        errors["cursor"] = [$"'{cursor}' is not a cursor that this list gave."];
        return null;
    }
}
