using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Sluice.Cli.Connection;
using Sluice.Cli.Output;
using Sluice.Contracts;

namespace Sluice.Cli.Sales;

/// <summary>sale.</summary>
internal static class SaleCommands
{
    private static readonly TimeSpan interval = TimeSpan.FromSeconds(1);

    public static Command Create(CommandFactory commands)
    {
        var id = new Argument<string>("id") { Description = "Id of the sale." };
        var limit = new Option<int>("--limit") { Description = "How many at the most.", DefaultValueFactory = _ => 20 };
        var cursor = new Option<string?>("--cursor") { Description = "Where to go on: nextCursor of the answer before." };
        var sale = new Command("sale", "Open, watch and close sales.");
        sale.Subcommands.Add(Open(commands));
        sale.Subcommands.Add(commands.Create(
            "list", "The sales, the newest first.", [limit, cursor],
            async (session, parsed, token) => session.Printer.Page(
                await session.Gateway.GetAsync($"sales?{PageQuery.Of(parsed.GetValue(limit), parsed.GetValue(cursor))}", token),
                SaleText.Headings, one => SaleText.RowOf(Read(one)), "There are no sales."),
            "sluice sale list"));
        sale.Subcommands.Add(commands.Create(
            "show", "One sale as it stands.", [id],
            async (session, parsed, token) => Show(session, await session.Gateway.GetAsync(PathOf(parsed.GetValue(id)!), token)),
            "sluice sale show ID"));
        sale.Subcommands.Add(commands.Create(
            "watch", "Watch a sale until it is sold out or has ended.", [id],
            (session, parsed, token) => WatchAsync(session, parsed.GetValue(id)!, token),
            "sluice sale watch ID"));
        sale.Subcommands.Add(commands.Create(
            "close", "End a sale now.", [id],
            async (session, parsed, token) => Show(
                session, await session.Gateway.SendAsync(HttpMethod.Post, $"{PathOf(parsed.GetValue(id)!)}/close", null, token)),
            "sluice sale close ID"));
        return sale;
    }

    private static Command Open(CommandFactory commands)
    {
        var sku = new Argument<string>("sku") { Description = "What is sold; a new one is created." };
        var stock = new Option<long>("--stock") { Description = "Units on hand; what was there before is replaced.", Required = true };
        var price = new Option<decimal?>("--price") { Description = "Of one unit." };
        var limit = new Option<int?>("--limit-per-buyer") { Description = "Units that one buyer may have." };
        var starts = Moment("--starts", "When it begins, as in 2026-11-27T09:00:00Z; now where it isn't given.");
        var ends = Moment("--ends", "When it ends.");
        var watch = new Option<bool>("--watch", "-w") { Description = "Watch it until it is sold out or has ended. Ctrl-C leaves it open." };
        return commands.Create(
            "open", "Open a sale.", [sku, stock, price, limit, starts, ends, watch],
            async (session, parsed, token) =>
            {
                var opened = await session.Gateway.SendAsync(HttpMethod.Post, "sales", new OpenSale(
                    parsed.GetValue(sku)!, parsed.GetValue(stock), parsed.GetValue(starts), parsed.GetValue(ends), parsed.GetValue(limit), parsed.GetValue(price)), token);
                return parsed.GetValue(watch) ? await WatchAsync(session, opened.GetProperty("id").GetString()!, token) : Show(session, opened);
            },
            "sluice sale open shoe --stock 100 --price 89.90 --limit-per-buyer 2 --watch",
            "sluice sale open shoe --stock 100 --starts 2026-11-27T09:00:00Z --ends 2026-11-27T10:00:00Z");
    }

    private static ExitCode Show(Session session, JsonElement sale)
    {
        if (session.Printer.IsJson)
            session.Printer.Document(sale);
        else
            session.Printer.Line($"sale {Read(sale).Id}  {Read(sale).Sku}  {SaleText.LineOf(Read(sale))}");
        return ExitCode.Ok;
    }

    private static async Task<ExitCode> WatchAsync(Session session, string id, CancellationToken cancellationToken)
    {
        var poll = new Poll(session.Gateway, PathOf(id), interval, sale => SaleText.IsOver(Read(sale)), session.Time);
        var screen = new Screen<SaleSnapshot>(
            session.Printer, session.Time, (sale, _) => SaleText.FrameOf(sale, session.Printer.Console), SaleText.LineOf);
        try
        {
            await screen.WatchAsync(poll.FollowAsync(cancellationToken), cancellationToken);
            return ExitCode.Ok;
        }
        catch (OperationCanceledException)
        {
            session.Printer.Note($"The sale goes on. To see it again: sluice sale watch {id}; to end it: sluice sale close {id}");
            throw;
        }
    }

    private static SaleSnapshot Read(JsonElement sale) => sale.Deserialize<SaleSnapshot>(JsonSerializerOptions.Web)!;

    private static string PathOf(string id) => $"sales/{Uri.EscapeDataString(id)}";

    private static Option<DateTimeOffset?> Moment(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "time",
        CustomParser = result =>
        {
            if (DateTimeOffset.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out var moment))
                return moment;
            result.AddError($"{name}: '{result.Tokens[0].Value}' is no time as in 2026-11-27T09:00:00Z.");
            return null;
        },
    };
}
