using System.Text.Json;

namespace Sluice.Cli.Tests;

/// <summary>Runs command lines as a shell does, in this process.</summary>
internal sealed class Shell(params (string Name, string Value)[] variables)
{
    public bool IsTerminal { get; init; }

    public static string Escape { get; } = "\u001b";

    public async Task<Outcome> RunAsync(string line, CancellationToken? cancellationToken = null)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var environment = variables.ToDictionary(variable => variable.Name, variable => variable.Value);
        var surroundings = new Surroundings(
            TextWriter.Synchronized(output), TextWriter.Synchronized(error), IsTerminal, environment.GetValueOrDefault, TimeProvider.System);
        var code = await CommandLine.RunAsync(
            line.Split(' ', StringSplitOptions.RemoveEmptyEntries), surroundings, cancellationToken ?? TestContext.Current.CancellationToken);
        return new((ExitCode)code, output.ToString(), error.ToString());
    }
}

/// <summary>How a command ended.</summary>
internal sealed record Outcome(ExitCode Code, string Output, string Error)
{
    public string[] Lines => Output.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);

    public JsonElement Json => JsonElement.Parse(Output);
}
