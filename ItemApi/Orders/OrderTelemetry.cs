using System.Diagnostics.Metrics;

namespace Sluice.ItemApi.Orders;

/// <summary>Metrics of the intake.</summary>
internal sealed class OrderTelemetry
{
    private readonly Counter<long> accepted;
    private readonly Counter<long> refused;

    public OrderTelemetry(IMeterFactory meters, QueuedOrders queued)
    {
        var meter = meters.Create("Sluice.Orders");
        accepted = meter.CreateCounter<long>("sluice.order.accepted", "{order}", "Orders that the broker has confirmed");
        refused = meter.CreateCounter<long>("sluice.order.refused", "{order}", "Orders that were refused at once, by reason");
        meter.CreateObservableGauge("sluice.order.queued", () => queued.Count, "{order}", "Orders that wait for a worker");
    }

    public void Accepted() => accepted.Add(1);

    public void Refused(string reason) => refused.Add(1, new KeyValuePair<string, object?>("reason", reason));
}
