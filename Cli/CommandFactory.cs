using System.CommandLine;
using System.Text.Json;
using Sluice.Cli.Connection;
using Sluice.Cli.Output;

namespace Sluice.Cli;

/// <summary>Makes commands that end as <see cref="ExitCode"/> says, whatever happens to them.</summary>
internal sealed class CommandFactory(ConnectionOptions connection, Surroundings surroundings)
{
    private readonly Dictionary<Command, string[]> examples = [];

    public IReadOnlyDictionary<Command, string[]> Examples => examples;

    /// <param name="name">As it is typed.</param>
    /// <param name="description">What it does, in one sentence.</param>
    /// <param name="parts">Its arguments and options.</param>
    /// <param name="work">What it does.</param>
    /// <param name="examples">Command lines.</param>
    public Command Create(
        string name, string description, Symbol[] parts, Func<Session, ParseResult, CancellationToken, Task<ExitCode>> work, params string[] examples)
    {
        var command = new Command(name, description);
        foreach (var part in parts)
        {
            if (part is Argument argument)
                command.Arguments.Add(argument);
            else
                command.Options.Add((Option)part);
        }

        command.SetAction((parsed, cancellationToken) => RunAsync(parsed, work, cancellationToken));
        this.examples[command] = examples;
        return command;
    }

    private async Task<int> RunAsync(
        ParseResult parsed, Func<Session, ParseResult, CancellationToken, Task<ExitCode>> work, CancellationToken cancellationToken)
    {
        var isJson = parsed.GetValue(connection.Json);
        try
        {
            var settings = ConnectionSettings.Of(parsed, connection, surroundings);
            foreach (var warning in settings.Warnings)
                await surroundings.Error.WriteLineAsync(warning);
            using var session = new Session(settings, new Printer(surroundings, isJson), surroundings.Time);
            return (int)await work(session, parsed, cancellationToken);
        }
        catch (CommandFailure failure)
        {
            await surroundings.Error.WriteLineAsync(isJson ? JsonOf(failure) : failure.Message);
            return (int)failure.ExitCode;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return (int)ExitCode.Interrupted;
        }
    }

    private static string JsonOf(CommandFailure failure) => JsonSerializer.Serialize(
        new { message = failure.Message, exitCode = (int)failure.ExitCode, retryAfterSeconds = failure.RetryAfter?.TotalSeconds, problem = failure.Problem },
        JsonSerializerOptions.Web);
}

/// <summary>What a command works with.</summary>
internal sealed class Session(ConnectionSettings settings, Printer printer, TimeProvider time) : IDisposable
{
    public GatewayClient Gateway { get; } = new(settings);

    public Printer Printer => printer;

    public TimeProvider Time => time;

    public void Dispose() => Gateway.Dispose();
}
