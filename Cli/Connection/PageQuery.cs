using System.Globalization;

namespace Sluice.Cli.Connection;

/// <summary>limit and cursor of a list, in a query.</summary>
internal static class PageQuery
{
    public static string Of(int limit, string? cursor) => string.Create(
        CultureInfo.InvariantCulture, $"limit={limit}{(cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}")}");
}
