using Sluice.Contracts;

namespace Sluice.Dashboard.Pages.Backfills;

/// <summary>How a day of a backfill looks: one that has pages but isn't done is under way.</summary>
internal static class DayState
{
    public static (string Class, string Word) Of(BackfillDay day) => day.Status switch
    {
        ItemStatus.Imported => ("done", "done"),
        ItemStatus.Failed => ("failed", "failed"),
        _ when day.FailureCount > 0 => ("waiting", "waits for its next attempt"),
        _ when day.PagesCount > 0 => ("running", "under way"),
        _ => ("pending", "pending"),
    };
}
