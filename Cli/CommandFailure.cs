using System.Text.Json;

namespace Sluice.Cli;

/// <summary>Ends a command with a sentence for whoever typed it.</summary>
/// <param name="exitCode">What the process ends with.</param>
/// <param name="message">One or more sentences.</param>
/// <param name="problem">The gateway's problem details, if it gave any.</param>
internal sealed class CommandFailure(ExitCode exitCode, string message, JsonElement? problem = null) : Exception(message)
{
    public ExitCode ExitCode => exitCode;

    public JsonElement? Problem => problem;

    /// <summary>When the gateway wants to be asked again; null where it didn't say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether the same may succeed later without anybody's doing.</summary>
    public bool MayPass => exitCode is ExitCode.Unreachable or ExitCode.Limited;
}
