using System.Text;

namespace Aspire.Dashboard.Telemetry;

/// <summary>Keeps log records within their bounds: the oldest go first. Thread-safe.</summary>
internal sealed class LogStore(TelemetryLimits limits, Changes changes)
{
    private readonly Lock sync = new();
    private readonly Queue<LogRecord> records = new();
    private long bytes;
    private long last;

    public int Count
    {
        get
        {
            lock (sync)
                return records.Count;
        }
    }

    public void Add(IReadOnlyList<LogRecord> added)
    {
        lock (sync)
        {
            foreach (var record in added)
            {
                record.Number = ++last;
                records.Enqueue(record);
                bytes += record.Bytes;
                while (records.Count > limits.MaxLogCount || bytes > limits.MaxLogBytes)
                    bytes -= records.Dequeue().Bytes;
            }
        }
        if (added.Count > 0)
            changes.Report(Topic.Logs);
    }

    /// <summary>The records that the filter lets through, the newest first.</summary>
    public (IReadOnlyList<LogRecord> Page, int Total) Find(LogFilter filter, int skip, int take)
    {
        List<LogRecord> found;
        lock (sync)
            found = [.. records];
        // Records don't change.
        found = [.. found.Where(filter.Matches).OrderByDescending(record => record.Time).ThenByDescending(record => record.Number)];
        return ([.. found.Skip(skip).Take(take)], found.Count);
    }

    public LogRecord? Find(long number)
    {
        lock (sync)
            return records.FirstOrDefault(record => record.Number == number);
    }

    public void Clear()
    {
        lock (sync)
        {
            records.Clear();
            bytes = 0;
        }
        changes.Report(Topic.Logs);
    }
}

/// <summary>Which records are wanted. A text is looked for in messages, categories and attributes.</summary>
internal sealed record LogFilter(string? Source = null, LogSeverity Level = LogSeverity.Trace, string? Text = null, UInt128 TraceId = default, ulong SpanId = 0)
{
    private readonly byte[] utf8 = Encoding.UTF8.GetBytes(Text ?? "");

    public bool Matches(LogRecord record) =>
        record.Level >= Level
        && (TraceId == 0 || record.TraceId == TraceId)
        && (SpanId == 0 || record.SpanId == SpanId)
        && (string.IsNullOrEmpty(Source) || record.Source.Name == Source || record.Source.Service == Source)
        && (utf8.Length == 0
            || record.Body.Contains(Text!, StringComparison.OrdinalIgnoreCase)
            || record.Scope.Contains(Text!, StringComparison.OrdinalIgnoreCase)
            || record.Message.AsSpan().IndexOf(utf8) >= 0);
}
