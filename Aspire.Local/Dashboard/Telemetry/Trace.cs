namespace Aspire.Dashboard.Telemetry;

/// <summary>Spans of one request through the system. The store guards it.</summary>
internal sealed class Trace(UInt128 id)
{
    public UInt128 Id { get; } = id;

    public List<SpanRecord> Spans { get; } = [];

    public long Bytes { get; private set; }

    /// <summary>Nanoseconds since 1970.</summary>
    public long Start { get; private set; } = long.MaxValue;

    /// <summary>Nanoseconds since 1970.</summary>
    public long End { get; private set; } = long.MinValue;

    public int Errors { get; private set; }

    /// <summary>Spans that came when the trace was full.</summary>
    public int NotKept { get; set; }

    /// <summary>The span without a parent; until it has come, the first one.</summary>
    public SpanRecord First { get; private set; } = null!;

    /// <summary>Whose spans there are, and how many.</summary>
    public List<(TelemetrySource Source, int Spans, int Errors)> Sources { get; } = [];

    public void Add(SpanRecord span)
    {
        Spans.Add(span);
        Bytes += span.Bytes;
        Start = Math.Min(Start, span.Start);
        End = Math.Max(End, span.End);
        Errors += span.IsError ? 1 : 0;
        if (First is null || IsBefore(span, First))
            First = span;

        var known = Sources.FindIndex(entry => entry.Source == span.Source);
        var (_, spans, errors) = known < 0 ? default : Sources[known];
        var counted = (span.Source, spans + 1, errors + (span.IsError ? 1 : 0));
        if (known < 0)
            Sources.Add(counted);
        else
            Sources[known] = counted;
    }

    public TraceSummary Summarise() => new(Id, First.Name, First.Source, Start, End, Spans.Count + NotKept, Errors, [.. Sources]);

    private static bool IsBefore(SpanRecord one, SpanRecord other) =>
        (one.ParentId == 0, -one.Start).CompareTo((other.ParentId == 0, -other.Start)) > 0;
}

/// <summary>A line in the list of traces.</summary>
public sealed record TraceSummary(
    UInt128 Id, string Name, TelemetrySource Source, long Start, long End, int Spans, int Errors, IReadOnlyList<(TelemetrySource Source, int Spans, int Errors)> Sources)
{
    public TimeSpan Duration => TimeSpan.FromTicks((End - Start) / TimeSpan.NanosecondsPerTick);
}
