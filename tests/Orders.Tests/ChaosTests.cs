using System.Collections.Concurrent;
using System.Net;
using Sluice.Contracts;
using Sluice.OrderTests.World;
using Sluice.Testing;

namespace Sluice.OrderTests;

/// <summary>A drop during which everything dies once.</summary>
public sealed class ChaosTests(Servers servers)
{
    private const int Buyers = 900;
    private const int Stock = 600;
    private const int AtOnce = 12;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public Task Workers_that_are_killed_lose_no_order_and_double_none() => DropAsync(async (system, workers) =>
    {
        foreach (var worker in workers)
            await worker.KillAsync();
        system.StartWorkerProcess();
        system.StartWorkerProcess();
    });

    [Fact]
    public Task Workers_that_are_killed_again_and_again_lose_no_order() => DropAsync(async (system, workers) =>
    {
        // As often as the broker hands out a message.
        var settled = 0L;
        for (var number = 0; number < 10; number++)
        {
            foreach (var worker in workers)
                await worker.KillAsync();
            workers = [system.StartWorkerProcess()];
            var before = settled;
            await Deadline.UntilAsync(
                async () => (settled = await system.CountAsync("select count(*) from orders")) > before || settled >= Buyers - AtOnce,
                "the next worker settles some", cancellationToken: Cancellation);
        }
    });

    [Fact]
    public Task RabbitMQ_that_is_killed_loses_no_order_and_doubles_none() => DropAsync(async (_, _) =>
    {
        await servers.RabbitMq.KillAsync();
        await servers.RabbitMq.RestartAsync(Cancellation);
    });

    [Fact]
    public Task PostgreSQL_that_is_killed_loses_no_order_and_doubles_none() => DropAsync(async (_, _) =>
    {
        await servers.Postgres.KillAsync();
        await servers.Postgres.RestartAsync(Cancellation);
    });

    private async Task DropAsync(Func<OrderSystem, IReadOnlyList<WorkerProcess>, Task> strike)
    {
        await using var system = await OrderSystem.StartAsync(servers, workers: 0);
        WorkerProcess[] workers = [system.StartWorkerProcess(), system.StartWorkerProcess()];
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
                await BuyAsync(system, number, accepted);
            }
        }));

        await struck.Task.Within();
        await strike(system, workers);
        await buying.Within(TimeSpan.FromMinutes(3));

        // Every order that was accepted comes to an outcome, and there are no others that took stock.
        await Deadline.UntilAsync(
            async () => await SettledAsync(system, accepted) == accepted.Count, "every accepted order has an outcome", TimeSpan.FromMinutes(2), Cancellation);
        var balance = await system.BalanceAsync("drop");
        Assert.InRange(balance.Stock, 0, Stock);
        Assert.Equal(accepted.Count, accepted.Distinct().Count());
        Assert.Equal(0, await system.CountAsync("select count(*) from orders where reason = 'failed'"));
        var confirmed = await system.ReadAsync("select id from orders where sku = 'drop' and status = 'confirmed'", row => row.GetGuid(0));
        Assert.Subset(accepted.ToHashSet(), confirmed.ToHashSet());
        Assert.Equal(Math.Min(Stock, accepted.Count), confirmed.Count);
    }

    /// <summary>Tries until it is accepted, or sold out.</summary>
    private static async Task BuyAsync(OrderSystem system, int number, ConcurrentBag<Guid> accepted)
    {
        while (true)
        {
            using var answer = await system.BuyAsync("""{"sku":"drop"}""", client: $"buyer-{number}");
            if (answer.StatusCode == HttpStatusCode.Accepted)
                accepted.Add((await answer.ReadAsync<OrderAccepted>()).OrderId);
            if (answer.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.Conflict)
                return;
            await answer.ProblemAsync(HttpStatusCode.ServiceUnavailable);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancellation);
        }
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
