using System.CommandLine;
using System.Text.Json;
using Sluice.Cli.Connection;
using Sluice.Cli.Output;
using Sluice.Contracts.Traffic;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Sluice.Cli.Top;

/// <summary>top.</summary>
internal static class TopCommand
{
    private static readonly TimeSpan interval = TimeSpan.FromSeconds(1);
    private static readonly string[] headings = ["client", "policy", ">blocked", ">of", ">share"];

    public static Command Create(CommandFactory commands)
    {
        var window = new Option<string>("--window") { Description = "How far to look back, as in 30s, 5m, 1h.", DefaultValueFactory = _ => "5m", HelpName = "time" };
        return commands.Create(
            "top", "Who is blocked most: live on a terminal, until Ctrl-C, else as it stands.", [window],
            async (session, parsed, token) =>
            {
                var path = $"metrics?window={Uri.EscapeDataString(parsed.GetValue(window)!)}";
                return session.Printer.IsLive ? await WatchAsync(session, path, token) : Show(session.Printer, await session.Gateway.GetAsync(path, token));
            },
            "sluice top", "sluice top --window 1h", "sluice top --json | jq -r '.topBlockedClients[].client'");
    }

    private static ExitCode Show(Printer printer, JsonElement metrics)
    {
        if (printer.IsJson)
        {
            printer.Document(metrics);
            return ExitCode.Ok;
        }

        var traffic = metrics.Deserialize<TrafficSnapshot>(JsonSerializerOptions.Web)!;
        printer.Line(SummaryOf(traffic));
        if (traffic.TopBlockedClients.Count > 0)
            printer.Table(headings, RowsOf(traffic));
        return ExitCode.Ok;
    }

    private static async Task<ExitCode> WatchAsync(Session session, string path, CancellationToken cancellationToken)
    {
        var poll = new Poll(session.Gateway, path, interval, static _ => false, session.Time);
        var screen = new Screen<TrafficSnapshot>(session.Printer, session.Time, static (traffic, _) => FrameOf(traffic), SummaryOf);
        await screen.WatchAsync(poll.FollowAsync(cancellationToken), cancellationToken);
        return ExitCode.Ok;
    }

    private static Rows FrameOf(TrafficSnapshot traffic) => new(
        new Text(SummaryOf(traffic)),
        traffic.TopBlockedClients.Count == 0 ? new Text("Nobody is blocked.", new Style(Color.Grey)) : (IRenderable)TextTable.Styled(headings, RowsOf(traffic)));

    private static string SummaryOf(TrafficSnapshot traffic) =>
        $"last {Words.Duration(traffic.WindowSeconds)}  {Words.Count(traffic.Total)} requests  {Words.Count(traffic.Allowed)} allowed  "
        + $"{Words.Count(traffic.Blocked)} blocked ({Words.Percent(traffic.BlockRate)}){LatencyOf(traffic)}";

    private static string LatencyOf(TrafficSnapshot traffic) => traffic.Latency is { } latency
        ? FormattableString.Invariant($"  p50 {latency.P50Ms:0.#} ms, p99 {latency.P99Ms:0.#} ms")
        : "";

    private static List<string[]> RowsOf(TrafficSnapshot traffic) =>
    [
        .. traffic.TopBlockedClients.Select(client => (string[])
        [
            client.Client, client.Policy, Words.Count(client.Blocked), Words.Count(client.Total), Words.Percent((double)client.Blocked / client.Total),
        ]),
    ];
}
