using System.Diagnostics.Metrics;

namespace Sluice.Gateway.Tests;

/// <summary>What the meters of this process's gateways say of dropped decisions.</summary>
internal sealed class DroppedRequests : IDisposable
{
    private readonly MeterListener listener = new();
    private long seen;

    public DroppedRequests()
    {
        listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument is { Name: "sluice.gateway.traffic.dropped", Meter.Name: "Sluice.Gateway" })
                listener.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, count, _, _) => seen += count);
        listener.Start();
    }

    /// <summary>As the meters say now.</summary>
    public long Count
    {
        get
        {
            seen = 0;
            listener.RecordObservableInstruments();
            return seen;
        }
    }

    public void Dispose() => listener.Dispose();
}
