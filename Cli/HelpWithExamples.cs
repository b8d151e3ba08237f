using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Sluice.Cli;

/// <summary>The usual help, and how the command looks in use.</summary>
internal sealed class HelpWithExamples(HelpAction usual, IReadOnlyDictionary<Command, string[]> examples) : SynchronousCommandLineAction
{
    private const string ForAll = """
        Settings, the first that is given counts:
          --gateway, SLUICE_GATEWAY, "gateway" in the config file, http://localhost:8080
          --key, SLUICE_KEY, "key" in the config file, none
          --config, SLUICE_CONFIG, $XDG_CONFIG_HOME/sluice/config.json, ~/.config/sluice/config.json

        Exit codes:
          0 done                     5 a limit is used up, try again later
          1 something broke          6 there is no such thing
          2 the command is wrong     7 its state forbids it
          3 gateway out of reach     8 ended, with failures
          4 key missing or refused   130 interrupted
        """;

    private const string ForRoot = """
        Examples:
          sluice import items --fresh --watch
          sluice import list
          sluice backfill records --from 2025-01-01 --to 2025-12-31 --watch
          sluice limits show data test-client
          sluice sale open shoe --stock 100 --price 89.90 --watch
        """;

    public override int Invoke(ParseResult parseResult)
    {
        var output = parseResult.InvocationConfiguration.Output;
        var command = parseResult.CommandResult.Command;

        // What a command takes is for itself, not for those below it.
        foreach (var argument in command.Parents.OfType<Command>().SelectMany(parent => parent.Arguments))
            argument.Hidden = true;
        var code = usual.Invoke(parseResult);
        if (command is RootCommand)
            output.WriteLine($"{ForRoot}{Environment.NewLine}{Environment.NewLine}{ForAll}");
        else if (examples.TryGetValue(command, out var lines))
            output.WriteLine(string.Join(Environment.NewLine, ["Examples:", .. lines.Select(line => $"  {line}")]));
        return code;
    }
}
