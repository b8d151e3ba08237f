using Sluice.ItemApi.Items;

namespace Sluice.ItemApi.Records;

/// <summary>Where a page of a day ended, as callers carry it. It is good for that day alone.</summary>
internal static class RecordCursor
{
    public static string After(DateOnly date, int position) => ItemCursor.After(FirstOf(date) + position);

    public static bool TryRead(string cursor, DateOnly date, out int position)
    {
        var isRead = ItemCursor.TryRead(cursor, out var id) && id - FirstOf(date) is >= 0 and <= int.MaxValue;
        position = isRead ? (int)(id - FirstOf(date)) : 0;
        return isRead;
    }

    private static long FirstOf(DateOnly date) => (long)date.DayNumber << 32;
}
