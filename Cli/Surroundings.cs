namespace Sluice.Cli;

/// <summary>What the program finds around it.</summary>
/// <param name="Output">Results.</param>
/// <param name="Error">Warnings, troubles, and why a command failed.</param>
/// <param name="IsTerminal">Whether somebody looks at the output, on something that can move its cursor.</param>
/// <param name="Variable">An environment variable; null where it is not set.</param>
internal sealed record Surroundings(TextWriter Output, TextWriter Error, bool IsTerminal, Func<string, string?> Variable, TimeProvider Time)
{
    public static Surroundings OfProcess() => new(
        Console.Out, Console.Error, !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb"),
        Environment.GetEnvironmentVariable, TimeProvider.System);

    /// <summary>An environment variable that is set to something.</summary>
    public string? Setting(string name) => Variable(name) is { Length: > 0 } value ? value : null;
}
