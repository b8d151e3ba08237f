using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Sluice.Cli.Connection;
using Sluice.Cli.Limits;
using Sluice.Cli.Login;
using Sluice.Cli.Runs;
using Sluice.Cli.Sales;
using Sluice.Cli.Top;

namespace Sluice.Cli;

/// <summary>All commands, and how they are run.</summary>
internal static class CommandLine
{
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, Surroundings surroundings, CancellationToken cancellationToken)
    {
        var parsed = Build(surroundings).Parse(args);
        if (parsed.Action is ParseErrorAction)
        {
            foreach (var error in parsed.Errors)
                await surroundings.Error.WriteLineAsync(error.Message);
            await surroundings.Error.WriteLineAsync($"See: {PathOf(parsed.CommandResult.Command)} --help");
            return (int)ExitCode.Usage;
        }

        var invocation = new InvocationConfiguration
        {
            Output = surroundings.Output,
            Error = surroundings.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        return await parsed.InvokeAsync(invocation, cancellationToken);
    }

    private static RootCommand Build(Surroundings surroundings)
    {
        var connection = new ConnectionOptions();
        var commands = new CommandFactory(connection, surroundings);
        var root = new RootCommand("Imports, limits and sales of Sluice, from a terminal.")
        {
            RunCommands.Imports(commands), RunCommands.Backfills(commands), LimitsCommands.Create(commands), SaleCommands.Create(commands),
            BuyCommand.Create(commands), TopCommand.Create(commands), LoginCommand.Create(commands),
        };
        foreach (var option in connection.All)
            root.Options.Add(option);

        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!, commands.Examples);
        return root;
    }

    private static string PathOf(Symbol command) =>
        command is RootCommand || command.Parents.FirstOrDefault() is not { } parent ? "sluice" : $"{PathOf(parent)} {command.Name}";
}
