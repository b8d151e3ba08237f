using System.Text;
using Aspire.Dashboard;
using Aspire.Dashboard.Otlp;
using Aspire.Dashboard.Telemetry;
using Sluice.Testing.Telemetry;

namespace Sluice.Hosting.Tests.Dashboard;

/// <summary>However much comes, so much is kept: the oldest goes first.</summary>
public sealed class BoundsTests
{
    private static readonly TelemetrySource source = new("service", "service");

    [Fact]
    public void Half_a_million_spans_leave_ten_thousand_traces_within_their_bytes()
    {
        var limits = new TelemetryLimits { MaxTraceBytes = 20_000_000 };
        var store = new TraceStore(limits, new Changes());
        var reader = Reader(limits);
        List<SpanRecord> spans = [];
        for (var first = 0; first < 50_000; first += 100)
        {
            spans.Clear();
            reader.Read(SpanBatch.Encode("flood", first, traces: 100, spansPerTrace: 10), spans);
            Assert.Equal((1_000, 0), (spans.Count, store.Add(spans)));
            Assert.True(store.Count <= limits.MaxTraceCount);
            Assert.True(store.Bytes <= limits.MaxTraceBytes);
        }

        Assert.InRange(store.Count, 1_000, limits.MaxTraceCount);
        Assert.NotNull(store.Find((UInt128)50_000));
        Assert.Null(store.Find((UInt128)1));
    }

    [Fact]
    public void A_trace_that_never_ends_is_cut_and_says_so()
    {
        var limits = new TelemetryLimits { MaxSpansPerTrace = 100 };
        var store = new TraceStore(limits, new Changes());
        List<SpanRecord> spans = [];
        Reader(limits).Read(SpanBatch.Encode("flood", 0, traces: 1, spansPerTrace: 150), spans);

        Assert.Equal(50, store.Add(spans));

        var trace = store.Find((UInt128)1)!;
        Assert.Equal((100, 50, 150), (trace.Spans.Count, trace.NotKept, trace.Summary.Spans));
    }

    [Fact]
    public void A_span_with_huge_attributes_is_kept_without_them()
    {
        var limits = new TelemetryLimits { MaxRecordBytes = 1_000 };
        List<SpanRecord> spans = [];
        Reader(limits).Read(SpanBatch.Encode("flood", 0, 1, 1, attributeBytes: 100_000), spans);

        var span = Assert.Single(spans);
        Assert.Equal("root", span.Name);
        Assert.Empty(span.Attributes());
        Assert.True(span.Message.Length <= 1_000);
    }

    [Fact]
    public void Log_records_are_bounded_by_number_and_by_bytes()
    {
        var byNumber = new LogStore(new TelemetryLimits { MaxLogCount = 100 }, new Changes());
        var byBytes = new LogStore(new TelemetryLimits { MaxLogBytes = 100_000 }, new Changes());
        foreach (var number in Enumerable.Range(0, 1_000))
        {
            byNumber.Add([Record(number, "short")]);
            byBytes.Add([Record(number, new string('x', 1_000))]);
        }

        Assert.Equal(100, byNumber.Count);
        Assert.InRange(byBytes.Count, 40, 50);
        Assert.Equal(999, byNumber.Find(new LogFilter(), 0, 1).Page[0].Time);
    }

    [Fact]
    public void Points_are_bounded_per_instrument_and_in_all_and_a_value_that_stays_is_one_point()
    {
        var store = new MetricStore(new TelemetryLimits { MaxMetricsCount = 1_000, MaxMetricBytes = 200_000 }, new Changes());
        for (var time = 0; time < 20_000; time++)
            store.Add([Point("still", time, 1), Point($"moving-{time % 5}", time, time)]);

        Assert.Equal(1, store.Find(new InstrumentKey(source, "meter", "still"), 0)!.Points);
        var moving = store.Find(new InstrumentKey(source, "meter", "moving-4"), 0)!;
        Assert.InRange(moving.Points, 1, 1_000);
        Assert.Equal(19_999, moving.Dimensions.Single().Points[^1].Value);
        Assert.True(store.Bytes <= 200_000);
    }

    [Fact]
    public void Dimensions_without_end_come_to_an_end()
    {
        var store = new MetricStore(new TelemetryLimits(), new Changes());
        var notKept = Enumerable.Range(0, 5_000).Sum(dimension => store.Add([Point("endless", dimension, dimension, dimension.ToString(System.Globalization.CultureInfo.InvariantCulture))]));

        Assert.Equal(3_000, notKept);
    }

    [Fact]
    public void What_waits_to_be_read_is_bounded()
    {
        var queue = new IngestQueue(new TelemetryLimits { MaxPendingBytes = 1_000 });

        Assert.True(queue.TryReserve(600));
        Assert.False(queue.TryReserve(600));
        queue.Release(600);
        Assert.True(queue.TryReserve(1_000));
        Assert.Equal(1_000, queue.PendingBytes);
    }

    private static TraceReader Reader(TelemetryLimits limits)
    {
        var names = new Names();
        return new(new ExportReader(new ResourceReader(new SourceDirectory()), names), names, limits);
    }

    private static LogRecord Record(long time, string body) => new()
    {
        Time = time,
        Severity = 9,
        Source = source,
        Scope = "scope",
        Body = body,
        TraceId = 0,
        SpanId = 0,
        Message = Encoding.UTF8.GetBytes("message"),
    };

    private static IncomingPoint Point(string instrument, long time, double value, string dimension = "") => new(
        new InstrumentKey(source, "meter", instrument), "", "", InstrumentKind.Gauge, IsCumulative: true, dimension, static () => [], new MetricPoint(time, value, 0, [], []));
}
