using Aspire.Dashboard.Otlp;

namespace Aspire.Dashboard.Telemetry;

/// <summary>A line of a structured log.</summary>
public sealed class LogRecord
{
    private const int Overhead = 160;

    /// <summary>Where it stands among all that ever came: the first has 1.</summary>
    public long Number { get; set; }

    /// <summary>Nanoseconds since 1970.</summary>
    public required long Time { get; init; }

    /// <summary>OTLP's severity number: 1 to 24, 0 where it has none.</summary>
    public required int Severity { get; init; }

    public required TelemetrySource Source { get; init; }

    /// <summary>Who logged: the category.</summary>
    public required string Scope { get; init; }

    public required string Body { get; init; }

    /// <summary>0: it belongs to no trace.</summary>
    public required UInt128 TraceId { get; init; }

    public required ulong SpanId { get; init; }

    /// <summary>OTLP's message, without attributes that were too many.</summary>
    public required byte[] Message { get; init; }

    public int Bytes => Message.Length + 2 * Body.Length + Overhead;

    public LogSeverity Level => (LogSeverity)Math.Clamp((Severity - 1) / 4, 0, 5);

    public List<KeyValuePair<string, string>> Attributes() => KeyValues.Read(Message, 6);
}

public enum LogSeverity
{
    Trace,
    Debug,
    Information,
    Warning,
    Error,
    Critical,
}
