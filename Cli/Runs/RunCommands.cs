using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Sluice.Cli.Output;
using Sluice.Contracts;

namespace Sluice.Cli.Runs;

/// <summary>import and backfill.</summary>
internal static class RunCommands
{
    public static Command Imports(CommandFactory commands)
    {
        var source = new Argument<string>("source") { Description = "What to import from, such as items.", Arity = ArgumentArity.ExactlyOne };
        var fresh = new Option<bool>("--fresh") { Description = "Clear what earlier imports of the source brought." };
        var watch = new Option<bool>("--watch", "-w") { Description = "Watch it to its end. Ctrl-C leaves it running." };
        var import = commands.Create(
            "import", "Start an import, or see to those that are there.", [source, fresh, watch],
            (session, parsed, token) => StartAsync(
                session, RunKind.Import, new StartImport(parsed.GetValue(source)!, parsed.GetValue(fresh)), parsed.GetValue(watch), token),
            "sluice import items --fresh --watch", "sluice import watch", "id=$(sluice import items --json | jq -r .id)");
        AddControl(commands, import, RunKind.Import);
        return import;
    }

    public static Command Backfills(CommandFactory commands)
    {
        var source = new Argument<string>("source") { Description = "What to fetch days from, such as records.", Arity = ArgumentArity.ExactlyOne };
        var from = Day("--from", "First day, as in 2025-01-01.");
        var to = Day("--to", "Last day.");
        var watch = new Option<bool>("--watch", "-w") { Description = "Watch it to its end. Ctrl-C leaves it running." };
        var backfill = commands.Create(
            "backfill", "Start a backfill of days, or see to those that are there.", [source, from, to, watch],
            (session, parsed, token) => StartAsync(
                session, RunKind.Backfill, new StartBackfill(parsed.GetValue(source)!, parsed.GetValue(from), parsed.GetValue(to)), parsed.GetValue(watch), token),
            "sluice backfill records --from 2025-01-01 --to 2025-12-31 --watch", "sluice backfill failed");
        AddControl(commands, backfill, RunKind.Backfill);
        return backfill;
    }

    private static void AddControl(CommandFactory commands, Command parent, RunKind kind)
    {
        var id = new Argument<string>("id") { Description = $"Id of the {kind.Name}." };
        var any = new Argument<string?>("id") { Description = $"Id of the {kind.Name}; without it, the newest.", Arity = ArgumentArity.ZeroOrOne };
        var limit = new Option<int>("--limit") { Description = "How many at the most.", DefaultValueFactory = _ => 20 };
        var cursor = new Option<string?>("--cursor") { Description = "Where to go on: nextCursor of the answer before." };

        parent.Subcommands.Add(commands.Create(
            "list", $"The {kind.Path}, the newest first.", [limit, cursor],
            (session, parsed, token) => RunQueries.ListAsync(session, kind, parsed.GetValue(limit), parsed.GetValue(cursor), token),
            $"sluice {kind.Name} list --limit 5"));
        parent.Subcommands.Add(commands.Create(
            "show", $"One {kind.Name} as it stands.", [any], (session, parsed, token) => RunQueries.ShowAsync(session, kind, parsed.GetValue(any), token),
            $"sluice {kind.Name} show", $"sluice {kind.Name} show ID --json"));
        parent.Subcommands.Add(commands.Create(
            "watch", $"Watch one {kind.Name} to its end.", [any],
            async (session, parsed, token) => await RunWatch.WatchAsync(session, kind, await RunQueries.IdAsync(session, kind, parsed.GetValue(any), token), token),
            $"sluice {kind.Name} watch", $"sluice {kind.Name} watch ID --json"));
        parent.Subcommands.Add(commands.Create(
            "failed", $"The {kind.Parts} that failed, and why.", [any, limit, cursor],
            (session, parsed, token) => RunQueries.FailedAsync(session, kind, parsed.GetValue(any), parsed.GetValue(limit), parsed.GetValue(cursor), token),
            $"sluice {kind.Name} failed"));
        foreach (var (name, path, description) in ((string, string, string)[])
            [
                ("pause", "pause", "Send no more requests until it is resumed."),
                ("resume", "resume", "Go on where it was."),
                ("cancel", "cancel", "End it; what it has brought stays."),
                ("retry", "retry-failed", $"Try the failed {kind.Parts} once more."),
            ])
            parent.Subcommands.Add(commands.Create(
                name, description, [id], (session, parsed, token) => ControlAsync(session, kind, parsed.GetValue(id)!, path, token),
                $"sluice {kind.Name} {name} ID"));
    }

    private static async Task<ExitCode> StartAsync(Session session, RunKind kind, object request, bool isWatched, CancellationToken cancellationToken)
    {
        var started = await session.Gateway.SendAsync(HttpMethod.Post, kind.Path, request, cancellationToken);
        var id = started.GetProperty("id").GetString()!;
        if (isWatched)
        {
            if (!session.Printer.IsJson)
                session.Printer.Line($"{kind.Name} {id}");
            return await RunWatch.WatchAsync(session, kind, id, cancellationToken);
        }

        if (session.Printer.IsJson)
            session.Printer.Document(started);
        else
            session.Printer.Line($"{kind.Name} {id} runs. To see it: sluice {kind.Name} watch {id}");
        return ExitCode.Ok;
    }

    private static async Task<ExitCode> ControlAsync(Session session, RunKind kind, string id, string what, CancellationToken cancellationToken)
    {
        var snapshot = await session.Gateway.SendAsync(HttpMethod.Post, $"{kind.PathOf(id)}/{what}", null, cancellationToken);
        if (session.Printer.IsJson)
            session.Printer.Document(snapshot);
        else
            session.Printer.Line(RunText.LineOf(kind, kind.Read(snapshot)));
        return ExitCode.Ok;
    }

    private static Option<DateOnly> Day(string name, string description) => new(name)
    {
        Description = description,
        Required = true,
        HelpName = "day",
        CustomParser = result =>
        {
            if (DateOnly.TryParseExact(result.Tokens[0].Value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
                return day;
            result.AddError($"{name}: '{result.Tokens[0].Value}' is no day as in 2025-01-31.");
            return default;
        },
    };
}
