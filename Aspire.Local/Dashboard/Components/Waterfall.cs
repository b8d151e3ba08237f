using Aspire.Dashboard.Telemetry;

namespace Aspire.Dashboard.Components;

/// <summary>A span's line in the waterfall.</summary>
/// <param name="Offset">Where its bar begins, as a share of the trace's duration.</param>
/// <param name="Width">How long its bar is, as a share of the trace's duration.</param>
internal sealed record WaterfallRow(SpanRecord Span, int Depth, double Offset, double Width)
{
    private static readonly string[] systems = ["db.system.name", "db.system", "messaging.system"];

    /// <summary>What a client asks, where that keeps no spans of its own.</summary>
    public string? Peer { get; } = Span.Kind is SpanKind.Client or SpanKind.Producer
        ? Span.Attributes().FirstOrDefault(attribute => systems.Contains(attribute.Key)).Value
        : null;
}

/// <summary>The spans of a trace as a tree: children under their parents, in the order of their starts.</summary>
internal sealed class Waterfall
{
    private readonly TraceDetail trace;
    private readonly Dictionary<ulong, List<SpanRecord>> children = [];
    private readonly List<(SpanRecord Span, int Depth)> inOrder = [];

    public Waterfall(TraceDetail trace)
    {
        this.trace = trace;
        var known = trace.Spans.Select(span => span.Id).ToHashSet();
        foreach (var span in trace.Spans.OrderBy(span => span.Start))
        {
            // A parent that has not come, or never will, leaves its children at the top.
            var parent = known.Contains(span.ParentId) && span.ParentId != span.Id ? span.ParentId : 0;
            if (!children.TryGetValue(parent, out var siblings))
                children.Add(parent, siblings = []);
            siblings.Add(span);
        }
        Walk();
        Depth = inOrder.Select(entry => entry.Depth + 1).DefaultIfEmpty().Max();
    }

    /// <summary>How many spans stand within each other at most.</summary>
    public int Depth { get; }

    /// <param name="text">Null or empty: all; else the spans that have it in them, with those above and below.</param>
    public IReadOnlyList<WaterfallRow> Rows(string? text)
    {
        var shown = string.IsNullOrEmpty(text) ? inOrder : Matching(new TraceFilter(Text: text));
        var length = Math.Max(1, trace.Summary.End - trace.Summary.Start);
        return [.. shown.Select(entry => new WaterfallRow(
            entry.Span, entry.Depth, (double)(entry.Span.Start - trace.Summary.Start) / length, (double)(entry.Span.End - entry.Span.Start) / length))];
    }

    private void Walk()
    {
        // Not recursive: a trace may be deeper than a stack. Nor endless: spans that are each other's parents are left out.
        var stack = new Stack<(SpanRecord Span, int Depth)>();
        Push(0, 0);
        while (stack.TryPop(out var entry))
        {
            inOrder.Add(entry);
            Push(entry.Span.Id, entry.Depth + 1);
        }

        void Push(ulong parent, int depth)
        {
            if (!children.Remove(parent, out var spans))
                return;
            for (var index = spans.Count - 1; index >= 0; index--)
                stack.Push((spans[index], depth));
        }
    }

    private List<(SpanRecord Span, int Depth)> Matching(TraceFilter filter)
    {
        var shown = new bool[inOrder.Count];
        List<int> path = [];
        var below = int.MaxValue;
        for (var index = 0; index < inOrder.Count; index++)
        {
            var (span, depth) = inOrder[index];
            if (depth <= below)
                below = int.MaxValue;
            path.RemoveRange(Math.Min(depth, path.Count), path.Count - Math.Min(depth, path.Count));
            path.Add(index);
            if (below == int.MaxValue && filter.Matches(span))
            {
                below = depth;
                foreach (var above in path)
                    shown[above] = true;
            }
            shown[index] |= below != int.MaxValue;
        }
        return [.. inOrder.Where((_, index) => shown[index])];
    }
}
