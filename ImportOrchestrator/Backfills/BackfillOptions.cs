using Sluice.ServiceDefaults.Startup;

namespace Sluice.ImportOrchestrator.Backfills;

/// <summary>Bounds of backfills, at <c>Backfills</c>.</summary>
internal sealed class BackfillOptions
{
    public const string Section = "Backfills";

    /// <summary>Days that one backfill may have, 1 to 100,000. Default 3,660: ten years.</summary>
    public int MaxDays { get; init; } = 3660;

    public static void Check(BackfillOptions options, OptionFaults faults) =>
        faults.Require(options.MaxDays is > 0 and <= 100_000, nameof(MaxDays), $"must be 1 to 100000, is {options.MaxDays}");
}
