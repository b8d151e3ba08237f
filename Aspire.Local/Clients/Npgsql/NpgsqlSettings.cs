namespace Aspire.Npgsql;

/// <summary>Settings of the PostgreSQL client, from <c>Aspire:Npgsql</c> and <c>ConnectionStrings:NAME</c>.</summary>
public sealed class NpgsqlSettings
{
    public string? ConnectionString { get; set; }

    public bool DisableHealthChecks { get; set; }

    public bool DisableTracing { get; set; }

    /// <summary>Without effect here: who listens to the meter <c>Npgsql</c> decides.</summary>
    public bool DisableMetrics { get; set; }
}
