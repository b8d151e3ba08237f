namespace Aspire.StackExchange.Redis;

/// <summary>Settings of the Redis client, from <c>Aspire:StackExchange:Redis</c> and <c>ConnectionStrings:NAME</c>.</summary>
public sealed class StackExchangeRedisSettings
{
    public string? ConnectionString { get; set; }

    public bool DisableHealthChecks { get; set; }

    /// <summary>Without effect here: client 1.2 has no activities to disable.</summary>
    public bool DisableTracing { get; set; }
}
