using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Sluice.OrderWorker.Settlement;

/// <summary>Activities and metrics of settlement.</summary>
internal sealed class SettlementMetrics
{
    private readonly Counter<long> settled;
    private readonly Counter<long> conflicts;
    private readonly Counter<long> poisoned;
    private readonly Histogram<long> batchSize;
    private readonly Histogram<double> duration;
    private readonly Histogram<double> wait;

    public SettlementMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Sluice.Settlement");
        settled = meter.CreateCounter<long>("sluice.order.settled", "{order}", "Orders that came to an outcome, by status and reason");
        conflicts = meter.CreateCounter<long>("sluice.order.conflicts", "{conflict}", "Batches settled anew because the stock had changed meanwhile");
        poisoned = meter.CreateCounter<long>("sluice.order.poisoned", "{message}", "Messages that went to an error queue");
        batchSize = meter.CreateHistogram<long>("sluice.order.batch.size", "{order}", "Orders settled in one transaction");
        duration = meter.CreateHistogram<double>("sluice.order.batch.duration", "s", "From reading the stock to the commit");
        wait = meter.CreateHistogram<double>("sluice.order.wait", "s", "From placing the oldest order of a batch to its outcome");
    }

    public static ActivitySource Activities { get; } = new("Sluice.Settlement");

    public void Settled(IReadOnlyList<Outcome> outcomes, TimeSpan took, DateTimeOffset now)
    {
        if (outcomes.Count == 0)
            return;
        batchSize.Record(outcomes.Count);
        duration.Record(took.TotalSeconds);
        wait.Record(Math.Max(0, (now - outcomes.Min(outcome => outcome.Order.PlacedAt)).TotalSeconds));
        foreach (var same in outcomes.CountBy(outcome => (outcome.Status, outcome.Reason)))
            settled.Add(same.Value, new("status", same.Key.Status), new("reason", same.Key.Reason));
    }

    public void Conflict() => conflicts.Add(1);

    public void Poisoned() => poisoned.Add(1);
}
