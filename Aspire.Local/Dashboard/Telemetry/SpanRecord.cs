using Aspire.Dashboard.Otlp;

namespace Aspire.Dashboard.Telemetry;

public enum SpanKind : byte
{
    Unspecified,
    Internal,
    Server,
    Client,
    Producer,
    Consumer,
}

/// <summary>A span: what lists need in fields, the rest as it came.</summary>
public sealed class SpanRecord
{
    /// <summary>What a span takes beside its message, in bytes.</summary>
    private const int Overhead = 176;

    public required UInt128 TraceId { get; init; }

    public required ulong Id { get; init; }

    /// <summary>0: it is the trace's root.</summary>
    public required ulong ParentId { get; init; }

    public required string Name { get; init; }

    public required TelemetrySource Source { get; init; }

    public required string Scope { get; init; }

    public required SpanKind Kind { get; init; }

    public required bool IsError { get; init; }

    /// <summary>Nanoseconds since 1970.</summary>
    public required long Start { get; init; }

    /// <summary>Nanoseconds since 1970.</summary>
    public required long End { get; init; }

    /// <summary>OTLP's message, without attributes that were too many.</summary>
    public required byte[] Message { get; init; }

    public int Bytes => Message.Length + Overhead;

    public TimeSpan Duration => TimeSpan.FromTicks((End - Start) / TimeSpan.NanosecondsPerTick);

    public List<KeyValuePair<string, string>> Attributes() => KeyValues.Read(Message, 9);
}
