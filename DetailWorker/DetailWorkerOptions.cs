using Sluice.ServiceDefaults.Startup;

namespace Sluice.DetailWorker;

/// <summary>How a worker works, at <c>DetailWorker</c>.</summary>
internal sealed class DetailWorkerOptions
{
    public const string Section = "DetailWorker";

    /// <summary>
    /// Items in the hands of one process at once, most of them waiting for a permit. Default 256: enough for those of several imports, so
    /// that a slow source keeps no other waiting.
    /// </summary>
    public int Concurrency { get; init; } = 256;

    /// <summary>Days of backfills in the hands of one process at once, beside the items. Default 16.</summary>
    public int DayConcurrency { get; init; } = 16;

    public static void Check(DetailWorkerOptions options, OptionFaults faults)
    {
        faults.Require(options.Concurrency is > 0 and <= 1000, nameof(Concurrency), $"must be 1 to 1000, is {options.Concurrency}");
        faults.Require(options.DayConcurrency is > 0 and <= 1000, nameof(DayConcurrency), $"must be 1 to 1000, is {options.DayConcurrency}");
    }
}
