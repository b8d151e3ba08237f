using System.CommandLine;
using System.Text.Json;
using Sluice.Cli.Connection;
using Sluice.Cli.Output;
using Sluice.Contracts;

namespace Sluice.Cli.Sales;

/// <summary>buy.</summary>
internal static class BuyCommand
{
    public static Command Create(CommandFactory commands)
    {
        var sku = new Argument<string?>("sku") { Description = "What to buy; without it, the default SKU.", Arity = ArgumentArity.ZeroOrOne };
        var quantity = new Option<int>("--quantity", "-n") { Description = "Units.", DefaultValueFactory = _ => 1 };
        var buyer = new Option<string?>("--buyer") { Description = "Whom it is for, where the key's client buys for others." };
        var key = new Option<string?>("--idempotency-key") { Description = "The same key again repeats nothing, and gives the same order.", HelpName = "key" };
        var watch = new Option<bool>("--watch", "-w") { Description = "Wait for the outcome." };
        return commands.Create(
            "buy", "Place an order.", [sku, quantity, buyer, key, watch],
            async (session, parsed, token) =>
            {
                (string, string)[] headers = parsed.GetValue(key) is { } given ? [("Idempotency-Key", given)] : [];
                var accepted = await session.Gateway.SendAsync(
                    HttpMethod.Post, "buy", new { sku = parsed.GetValue(sku), quantity = parsed.GetValue(quantity), buyer = parsed.GetValue(buyer) }, token, headers);
                if (parsed.GetValue(watch))
                    return await WatchAsync(session, accepted.GetProperty("orderId").GetString()!, token);
                if (session.Printer.IsJson)
                    session.Printer.Document(accepted);
                else
                    session.Printer.Line($"order {accepted.GetProperty("orderId").GetString()}  {accepted.GetProperty("status").GetString()}");
                return ExitCode.Ok;
            },
            "sluice buy", "sluice buy shoe --quantity 2 --buyer ann --watch");
    }

    private static async Task<ExitCode> WatchAsync(Session session, string id, CancellationToken cancellationToken)
    {
        var feed = new EventFeed(session.Gateway, $"orders/{id}/events", item => Read(JsonElement.Parse(item.Data)).Status != OrderStatus.Queued, session.Time);
        var screen = new Screen<OrderSnapshot>(
            session.Printer, session.Time, (order, _) => new Spectre.Console.Text(LineOf(order), Styles.Of(order.Status)), LineOf);
        var (outcome, _) = await screen.WatchAsync(feed.FollowAsync(cancellationToken), cancellationToken);
        return outcome.Status == OrderStatus.Confirmed ? ExitCode.Ok : ExitCode.EndedWithFailures;
    }

    private static OrderSnapshot Read(JsonElement order) => order.Deserialize<OrderSnapshot>(JsonSerializerOptions.Web)!;

    private static string LineOf(OrderSnapshot order) => order switch
    {
        { Reason: { } reason } => $"order {order.OrderId}  {order.Status}: {reason}",
        { Price: { } price, Quantity: { } quantity } => $"order {order.OrderId}  {order.Status}  {quantity} x {order.Sku} at {Words.Money(price)}",
        _ => $"order {order.OrderId}  {order.Status}",
    };
}
