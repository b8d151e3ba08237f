using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Orchestration;

/// <summary>What is said about a replica among its own lines.</summary>
internal static partial class InstanceMessages
{
    [LoggerMessage(1, LogLevel.Information, "waits for {Names}", EventName = "Waiting")]
    public static partial void Waiting(this ILogger logger, string names);

    [LoggerMessage(2, LogLevel.Information, "still waits for {Names}", EventName = "StillWaiting")]
    public static partial void StillWaiting(this ILogger logger, string names);

    [LoggerMessage(3, LogLevel.Information, "is healthy", EventName = "Healthy")]
    public static partial void Healthy(this ILogger logger);

    [LoggerMessage(4, LogLevel.Warning, "is not healthy: {Why}", EventName = "Unhealthy")]
    public static partial void Unhealthy(this ILogger logger, string why);

    [LoggerMessage(5, LogLevel.Error, "failed to start: {Reason}", EventName = "FailedToStart")]
    public static partial void Failed(this ILogger logger, string reason);

    [LoggerMessage(6, LogLevel.Warning, "ended with exit code {ExitCode}", EventName = "Exited")]
    public static partial void Exited(this ILogger logger, int exitCode);
}
