using Sluice.ServiceDefaults.Startup;

namespace Sluice.OrderWorker;

/// <summary>How a worker works, at <c>OrderWorker</c>.</summary>
internal sealed class OrderWorkerOptions
{
    public const string Section = "OrderWorker";

    /// <summary>The most messages that are settled together, 1 to 1,000; each holds the orders that arrived while the one before was confirmed. Default 100.</summary>
    public int BatchMessages { get; init; } = 100;

    /// <summary>How long the first message of a batch waits for others, 1 ms to 10 s. Default 100 ms.</summary>
    public TimeSpan BatchWait { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Times that a batch is settled anew because somebody else changed the stock meanwhile, 0 to 100; then it holds the SKU's row, so that
    /// nobody can. Default 5.
    /// </summary>
    public int MaxConflicts { get; init; } = 5;

    /// <summary>How often stock is proved from its rows, 100 ms to 1 day. Default 30 s.</summary>
    public TimeSpan ReconcileInterval { get; init; } = TimeSpan.FromSeconds(30);

    public static void Check(OrderWorkerOptions options, OptionFaults faults)
    {
        faults.Require(options.BatchMessages is > 0 and <= 1000, nameof(BatchMessages), $"must be 1 to 1000, is {options.BatchMessages}");
        faults.Require(options.BatchWait >= TimeSpan.FromMilliseconds(1) && options.BatchWait <= TimeSpan.FromSeconds(10), nameof(BatchWait),
            $"must be 00:00:00.001 to 00:00:10, is {options.BatchWait}");
        faults.Require(options.MaxConflicts is >= 0 and <= 100, nameof(MaxConflicts), $"must be 0 to 100, is {options.MaxConflicts}");
        faults.Require(options.ReconcileInterval >= TimeSpan.FromMilliseconds(100) && options.ReconcileInterval <= TimeSpan.FromDays(1), nameof(ReconcileInterval),
            $"must be 00:00:00.100 to 1 day, is {options.ReconcileInterval}");
    }
}
