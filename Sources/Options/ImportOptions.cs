using Sluice.ServiceDefaults.Startup;

namespace Sluice.Sources.Options;

/// <summary>How imports are scheduled, at <c>Imports</c>; the same for the orchestrator and the workers.</summary>
public sealed class ImportOptions
{
    public const string Section = "Imports";

    private static readonly TimeSpan ShortestKeep = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestKeep = TimeSpan.FromDays(3660);

    /// <summary>
    /// From publishing an item to publishing it again where nothing has come of it: its message was lost. A worker keeps those in its
    /// hands from falling due. Default 2 minutes.
    /// </summary>
    public TimeSpan RepublishAfter { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The same for a page. Default 15 s.</summary>
    public TimeSpan RepublishPageAfter { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How often the dispatcher looks for due items while an import runs. Default 100 ms.</summary>
    public TimeSpan DispatchInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Items of one import that are published and not done. Enough to keep all workers busy between two looks. Default 256.</summary>
    public int Outstanding { get; init; } = 256;

    /// <summary>How often the work in hand is looked at: whether its import still runs. Default 1 s, at most 1 minute.</summary>
    public TimeSpan WatchInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long an import is kept after its end, with its items; null: for ever. Default null.</summary>
    public TimeSpan? KeepEnded { get; init; }

    /// <summary>How often imports are looked at that should have ended. Default 10 s.</summary>
    public TimeSpan SweepInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether a process rehearses an import when it starts, so that the first one is as fast as the others. Default true.</summary>
    public bool Rehearse { get; init; } = true;

    /// <summary>From publishing to the broker's confirm; after that the work stays due. Default 10 s.</summary>
    public TimeSpan PublishTimeout { get; init; } = TimeSpan.FromSeconds(10);

    internal static void Check(ImportOptions options, OptionFaults faults)
    {
        Above0(nameof(RepublishAfter), options.RepublishAfter);
        Above0(nameof(RepublishPageAfter), options.RepublishPageAfter);
        Above0(nameof(DispatchInterval), options.DispatchInterval);
        Above0(nameof(SweepInterval), options.SweepInterval);
        Above0(nameof(PublishTimeout), options.PublishTimeout);
        faults.Require(options.WatchInterval > TimeSpan.Zero && options.WatchInterval <= TimeSpan.FromMinutes(1), nameof(WatchInterval),
            $"must be above 0 and at most 00:01:00, is {options.WatchInterval}");
        faults.Require(options.KeepEnded is not { } keep || keep >= ShortestKeep && keep <= LongestKeep, nameof(KeepEnded),
            $"must be {ShortestKeep:c} to {LongestKeep:c}, is {options.KeepEnded}");
        faults.Require(options.Outstanding is > 0 and <= 100_000, nameof(Outstanding), $"must be 1 to 100000, is {options.Outstanding}");

        void Above0(string setting, TimeSpan span) =>
            faults.Require(span > TimeSpan.Zero && span <= TimeSpan.FromDays(1), setting, $"must be above 0 and at most 1.00:00:00, is {span}");
    }
}
