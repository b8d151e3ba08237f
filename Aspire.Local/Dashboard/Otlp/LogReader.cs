using Aspire.Dashboard.Telemetry;

namespace Aspire.Dashboard.Otlp;

/// <summary>Reads ExportLogsServiceRequest. One thread's.</summary>
/// <remarks>https://github.com/open-telemetry/opentelemetry-proto, logs/v1/logs.proto</remarks>
internal sealed class LogReader(ExportReader export, TelemetryLimits limits)
{
    private const int BodyField = 5;
    private const int MaxBody = 8 * 1024;

    /// <exception cref="InvalidDataException">It is something else.</exception>
    public void Read(ReadOnlySpan<byte> request, List<LogRecord> records) =>
        export.Read(request, (record, source, scope) => records.Add(ReadRecord(record, source, scope)));

    private LogRecord ReadRecord(ReadOnlySpan<byte> message, TelemetrySource source, string scope)
    {
        UInt128 trace = 0;
        ulong span = 0, time = 0, observed = 0, severity = 0;
        var body = "";
        // The body is kept as text, not twice.
        var rest = new byte[message.Length];
        var length = 0;
        var reader = new WireReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: time = reader.Fixed64(); break;
                case 2: severity = reader.Varint(); break;
                case BodyField: body = KeyValues.Text(reader.Bytes()); break;
                case 9: trace = Ids.Trace(reader.Bytes()); break;
                case 10: span = Ids.Span(reader.Bytes()); break;
                case 11: observed = reader.Fixed64(); break;
                default:
                    var field = reader.Skip();
                    field.CopyTo(rest.AsSpan(length));
                    length += field.Length;
                    break;
            }
        }

        return new LogRecord
        {
            Time = (long)(time == 0 ? observed : time),
            Severity = (int)Math.Min(severity, 24),
            Source = source,
            Scope = scope,
            Body = body.Length <= MaxBody ? body : string.Concat(body.AsSpan(0, MaxBody), "…"),
            TraceId = trace,
            SpanId = span,
            Message = Kept.Of(rest.AsSpan(0, length), limits.MaxRecordBytes),
        };
    }
}
