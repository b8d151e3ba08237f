using Aspire.Dashboard.Telemetry;

namespace Aspire.Dashboard.Otlp;

/// <summary>Reads ExportMetricsServiceRequest: gauges, sums and histograms with bounds. One thread's.</summary>
/// <remarks>https://github.com/open-telemetry/opentelemetry-proto, metrics/v1/metrics.proto</remarks>
internal sealed class MetricReader(ExportReader export, Names names, PointReader points)
{
    private const int Gauge = 5;
    private const int Sum = 7;
    private const int Histogram = 9;
    private const ulong Cumulative = 2;

    /// <returns>How many metrics are of a kind that is not kept.</returns>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public int Read(ReadOnlySpan<byte> request, List<IncomingPoint> found)
    {
        var unknown = 0;
        export.Read(request, (record, source, meter) => unknown += ReadMetric(record, source, meter, found) ? 0 : 1);
        return unknown;
    }

    private bool ReadMetric(ReadOnlySpan<byte> message, TelemetrySource source, string meter, List<IncomingPoint> found)
    {
        string name = "", unit = "", description = "";
        var data = default(ReadOnlySpan<byte>);
        var type = 0;
        var reader = new WireReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: name = names.Get(reader.Bytes()); break;
                case 2: description = names.Get(reader.Bytes()); break;
                case 3: unit = names.Get(reader.Bytes()); break;
                case Gauge or Sum or Histogram:
                    type = reader.Field;
                    data = reader.Bytes();
                    break;
                default: reader.Skip(); break;
            }
        }
        if (type == 0)
            return false;

        var (isCumulative, isMonotonic) = Aggregation(data, type);
        var kind = type switch
        {
            Histogram => InstrumentKind.Histogram,
            Sum => isMonotonic ? InstrumentKind.Counter : InstrumentKind.UpDownCounter,
            _ => InstrumentKind.Gauge,
        };
        var template = new IncomingPoint(new InstrumentKey(source, meter, name), unit, description, kind, isCumulative, "", static () => [], null!);
        var all = new WireReader(data);
        while (all.NextOf(1))
            found.Add(type == Histogram ? points.ReadHistogram(all.Bytes(), template) : points.ReadNumber(all.Bytes(), template));
        return true;
    }

    private static (bool IsCumulative, bool IsMonotonic) Aggregation(ReadOnlySpan<byte> data, int type)
    {
        // A gauge stands until it changes, as a cumulative sum does.
        var (isCumulative, isMonotonic) = (type == Gauge, false);
        var reader = new WireReader(data);
        while (reader.Next())
        {
            if (reader.Field == 2)
                isCumulative = reader.Varint() == Cumulative;
            else if (reader.Field == 3)
                isMonotonic = reader.Varint() != 0;
            else
                reader.Skip();
        }
        return (isCumulative, isMonotonic);
    }
}
