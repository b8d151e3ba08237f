using System.Collections.Concurrent;
using System.Net;
using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.OrderTests.World;

/// <summary>A drop during which something dies: no accepted order is lost, none is doubled.</summary>
internal static class Drop
{
    private const int Buyers = 900;
    private const int AtOnce = 12;
    private const int Stock = 600;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <param name="strike">Comes when a third of the buyers have come; it is given the orders that are accepted, now and later.</param>
    public static async Task HoldAsync(OrderSystem system, Func<IReadOnlyCollection<Guid>, Task> strike)
    {
        await system.OpenSaleAsync(new { sku = "drop", stock = Stock });
        await system.OutcomeAsync(await system.OrderAsync("""{"quantity":1}"""));

        var accepted = new ConcurrentBag<Guid>();
        var struck = new TaskCompletionSource();
        var next = 0;
        var buying = Task.WhenAll(Enumerable.Range(0, AtOnce).Select(async _ =>
        {
            while (Interlocked.Increment(ref next) is var number and <= Buyers)
            {
                if (number == Buyers / 3)
                    struck.TrySetResult();
                await Deadline.UntilAsync(() => TryBuyAsync(system, number, accepted), "orders are accepted", cancellationToken: Cancellation);
            }
        }));

        await struck.Task.Within();
        await strike(accepted);
        await buying;

        // Every order that was accepted comes to an outcome, and there are no others that took stock.
        await Deadline.UntilAsync(
            async () => await SettledAsync(system, accepted) == accepted.Count, "every accepted order has an outcome", cancellationToken: Cancellation);
        var balance = await system.BalanceAsync("drop");
        Assert.InRange(balance.Stock, 0, Stock);
        Assert.Equal(accepted.Count, accepted.Distinct().Count());
        Assert.Equal(0, await system.CountAsync("select count(*) from orders where reason = 'failed'"));
        var confirmed = await system.ReadAsync("select id from orders where sku = 'drop' and status = 'confirmed'", row => row.GetGuid(0));
        Assert.Subset(accepted.ToHashSet(), confirmed.ToHashSet());
        Assert.Equal(Math.Min(Stock, accepted.Count), confirmed.Count);
    }

    /// <returns>Whether it is accepted, or sold out: else the buyer comes again.</returns>
    private static async Task<bool> TryBuyAsync(OrderSystem system, int number, ConcurrentBag<Guid> accepted)
    {
        using var answer = await system.BuyAsync("""{"sku":"drop"}""", client: $"buyer-{number}");
        if (answer.StatusCode == HttpStatusCode.Accepted)
            accepted.Add((await answer.ReadAsync<OrderAccepted>()).OrderId);
        if (answer.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.Conflict)
            return true;
        await answer.ProblemAsync(HttpStatusCode.ServiceUnavailable);
        return false;
    }

    private static async Task<long> SettledAsync(OrderSystem system, IReadOnlyCollection<Guid> accepted)
    {
        try
        {
            await using var command = system.Database.CreateCommand("select count(*) from orders where id = any ($1)");
            command.Parameters.Add(new() { Value = accepted.ToArray() });
            return (long)(await command.ExecuteScalarAsync(Cancellation))!;
        }
        catch (Npgsql.NpgsqlException)
        {
            return -1;
        }
    }
}
