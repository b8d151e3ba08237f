namespace Aspire.Dashboard;

/// <summary>What the AppHost tells its dashboard, in section <c>Dashboard</c>. Keys and tokens change with every start unless they are set.</summary>
internal sealed class DashboardOptions
{
    public FrontendOptions Frontend { get; set; } = new();

    public OtlpOptions Otlp { get; set; } = new();

    public ResourceServiceClientOptions ResourceServiceClient { get; set; } = new();

    public TelemetryLimits TelemetryLimits { get; set; } = new();
}

internal sealed class FrontendOptions
{
    /// <summary>Signs in whoever has it. Without one nobody gets in.</summary>
    public string BrowserToken { get; set; } = "";
}

internal sealed class OtlpOptions
{
    /// <summary>What senders of telemetry give in the header <c>x-otlp-api-key</c>. Without one nobody may send.</summary>
    public string PrimaryApiKey { get; set; } = "";
}

internal sealed class ResourceServiceClientOptions
{
    /// <summary>Where the AppHost answers; empty: there is none, and only telemetry is shown.</summary>
    public string Url { get; set; } = "";

    public string ApiKey { get; set; } = "";
}

/// <summary>How much is kept; what is oldest goes first.</summary>
internal sealed class TelemetryLimits
{
    public int MaxLogCount { get; set; } = 10_000;

    public int MaxTraceCount { get; set; } = 10_000;

    /// <summary>Points per instrument.</summary>
    public int MaxMetricsCount { get; set; } = 50_000;

    /// <summary>Spans of one trace; those that come after are counted, not kept.</summary>
    public int MaxSpansPerTrace { get; set; } = 10_000;

    /// <summary>Bytes of all spans together.</summary>
    public long MaxTraceBytes { get; set; } = 96 * 1024 * 1024;

    /// <summary>Bytes of all log records together.</summary>
    public long MaxLogBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>Bytes of all points together.</summary>
    public long MaxMetricBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>Bytes of one span, log record or attribute set; attributes beyond are left out.</summary>
    public int MaxRecordBytes { get; set; } = 16 * 1024;

    /// <summary>Bytes of one request, unpacked. Larger ones are refused.</summary>
    public int MaxRequestBytes { get; set; } = 8 * 1024 * 1024;

    /// <summary>Bytes of requests that wait to be read. Where they are exceeded, requests are refused.</summary>
    public int MaxPendingBytes { get; set; } = 32 * 1024 * 1024;
}
