namespace Aspire.Hosting;

/// <summary>How an AppHost is to run.</summary>
public sealed class DistributedApplicationOptions
{
    public string[]? Args { get; set; }

    /// <summary>Whether the system runs without its dashboard; then nobody records telemetry unless configuration says where to.</summary>
    public bool DisableDashboard { get; set; }
}
