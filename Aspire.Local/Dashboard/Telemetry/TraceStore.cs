using System.Text;

namespace Aspire.Dashboard.Telemetry;

/// <summary>Keeps traces within their bounds: those that came first go first. Thread-safe.</summary>
internal sealed class TraceStore(TelemetryLimits limits, Changes changes)
{
    private readonly Lock sync = new();
    private readonly Dictionary<UInt128, Trace> traces = [];
    private readonly Queue<Trace> inOrderOfComing = new();
    private long bytes;

    public int Count
    {
        get
        {
            lock (sync)
                return traces.Count;
        }
    }

    public long Bytes
    {
        get
        {
            lock (sync)
                return bytes;
        }
    }

    /// <returns>How many of them were not kept: their trace is full.</returns>
    public int Add(IReadOnlyList<SpanRecord> spans)
    {
        var notKept = 0;
        lock (sync)
        {
            foreach (var span in spans)
                notKept += Add(span) ? 0 : 1;
        }
        if (spans.Count > 0)
            changes.Report(Topic.Traces);
        return notKept;
    }

    /// <summary>The traces that the filter lets through, the newest first.</summary>
    public (IReadOnlyList<TraceSummary> Page, int Total) Find(TraceFilter filter, int skip, int take)
    {
        lock (sync)
        {
            var found = traces.Values.Where(filter.Matches).OrderByDescending(trace => trace.Start).ToList();
            return ([.. found.Skip(skip).Take(take).Select(trace => trace.Summarise())], found.Count);
        }
    }

    /// <returns>Null: there is no such trace, or it has gone.</returns>
    public TraceDetail? Find(UInt128 id)
    {
        lock (sync)
            return traces.TryGetValue(id, out var trace) ? new TraceDetail(trace.Summarise(), [.. trace.Spans], trace.NotKept) : null;
    }

    public void Clear()
    {
        lock (sync)
        {
            traces.Clear();
            inOrderOfComing.Clear();
            bytes = 0;
        }
        changes.Report(Topic.Traces);
    }

    private bool Add(SpanRecord span)
    {
        if (!traces.TryGetValue(span.TraceId, out var trace))
        {
            traces.Add(span.TraceId, trace = new Trace(span.TraceId));
            inOrderOfComing.Enqueue(trace);
        }
        if (trace.Spans.Count >= limits.MaxSpansPerTrace)
        {
            trace.NotKept++;
            return false;
        }

        trace.Add(span);
        bytes += span.Bytes;
        while ((traces.Count > limits.MaxTraceCount || bytes > limits.MaxTraceBytes) && inOrderOfComing.TryDequeue(out var oldest))
        {
            traces.Remove(oldest.Id);
            bytes -= oldest.Bytes;
        }
        return true;
    }
}

/// <summary>A trace with its spans as they came.</summary>
internal sealed record TraceDetail(TraceSummary Summary, IReadOnlyList<SpanRecord> Spans, int NotKept);

/// <summary>Which traces are wanted. A text is looked for in ids, names and attributes of all spans.</summary>
internal sealed record TraceFilter(string? Source = null, string? Text = null, bool OnlyErrors = false, TimeSpan MinDuration = default, int MinSpans = 1)
{
    private readonly byte[] utf8 = Encoding.UTF8.GetBytes(Text ?? "");

    public bool Matches(Trace trace) =>
        (!OnlyErrors || trace.Errors > 0)
        && trace.Spans.Count >= MinSpans
        && (trace.End - trace.Start) / TimeSpan.NanosecondsPerTick >= MinDuration.Ticks
        && (string.IsNullOrEmpty(Source) || trace.Sources.Any(entry => entry.Source.Name == Source || entry.Source.Service == Source))
        && (utf8.Length == 0 || Ids.Format(trace.Id).Contains(Text!, StringComparison.OrdinalIgnoreCase) || trace.Spans.Exists(Matches));

    /// <summary>Whether the text stands in the span itself.</summary>
    public bool Matches(SpanRecord span) =>
        span.Name.Contains(Text!, StringComparison.OrdinalIgnoreCase) || span.Message.AsSpan().IndexOf(utf8) >= 0;
}
