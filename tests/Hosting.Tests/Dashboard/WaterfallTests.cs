using Aspire.Dashboard;
using Aspire.Dashboard.Charts;
using Aspire.Dashboard.Components;
using Aspire.Dashboard.Telemetry;

namespace Sluice.Hosting.Tests.Dashboard;

/// <summary>What pages make of spans and points.</summary>
public sealed class WaterfallTests
{
    private static readonly TelemetrySource source = new("service", "service");

    [Fact]
    public void Children_stand_under_their_parents_in_the_order_of_their_starts()
    {
        var rows = Of(Span(3, 1, "b", 20), Span(1, 0, "root", 0), Span(2, 1, "a", 10), Span(4, 2, "a.a", 30), Span(5, 99, "orphan", 5)).Rows(null);

        Assert.Equal([("root", 0), ("a", 1), ("a.a", 2), ("b", 1), ("orphan", 0)], rows.Select(row => (row.Span.Name, row.Depth)));
    }

    [Fact]
    public void A_text_leaves_what_has_it_with_what_stands_above_and_below()
    {
        var rows = Of(Span(1, 0, "root", 0), Span(2, 1, "wanted", 10), Span(3, 2, "below", 11), Span(4, 1, "beside", 20), Span(5, 4, "under beside", 21)).Rows("WANTED");

        Assert.Equal(["root", "wanted", "below"], rows.Select(row => row.Span.Name));
    }

    [Fact]
    public void Spans_that_are_each_others_parents_do_no_harm()
    {
        var rows = Of(Span(1, 2, "one", 0), Span(2, 1, "two", 1), Span(3, 0, "root", 2)).Rows(null);

        Assert.Equal(["root"], rows.Select(row => row.Span.Name));
    }

    [Fact]
    public void A_quantile_lies_within_its_bucket()
    {
        Assert.Equal(15, Sampling.Quantile([0, 10, 0], [10, 20], 0.5));
        Assert.Equal(20, Sampling.Quantile([0, 10, 90], [10, 20], 0.99));
        Assert.Equal(double.NaN, Sampling.Quantile([0, 0, 0], [10, 20], 0.5));
    }

    [Fact]
    public void A_counter_that_begins_anew_does_not_fall()
    {
        const long second = 1_000_000_000;
        var frame = new ChartFrame(0, second, 3);
        MetricPoint[] points = [new(0, 100, 0, [], []), new(second, 110, 0, [], []), new(2 * second, 5, 0, [], []), new(3 * second, 8, 0, [], [])];

        Assert.Equal([10, 5, 3], Sampling.Rates(points, isCumulative: true, frame));
    }

    private static Waterfall Of(params SpanRecord[] spans)
    {
        var store = new TraceStore(new TelemetryLimits(), new Changes());
        store.Add(spans);
        return new Waterfall(store.Find((UInt128)1)!);
    }

    private static SpanRecord Span(ulong id, ulong parent, string name, long start) => new()
    {
        TraceId = 1,
        Id = id,
        ParentId = parent,
        Name = name,
        Source = source,
        Scope = "",
        Kind = SpanKind.Internal,
        IsError = false,
        Start = start,
        End = start + 5,
        Message = [],
    };
}
