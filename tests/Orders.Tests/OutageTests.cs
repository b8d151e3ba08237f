using System.Net;
using Sluice.Contracts;
using Sluice.OrderTests.World;
using Sluice.Testing;

namespace Sluice.OrderTests;

public sealed class OutageTests(Servers servers)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_RabbitMQ_buyers_are_refused_at_once_and_nothing_is_ordered()
    {
        await using var system = await OrderSystem.StartAsync(servers);
        await system.OutcomeAsync(await system.OrderAsync());

        await servers.RabbitMq.KillAsync();
        await Deadline.UntilAsync(
            async () => (await system.BuyAsync()).StatusCode == HttpStatusCode.ServiceUnavailable, "the broker is known to be away", cancellationToken: Cancellation);
        await system.BuyAsync().AssertRefusedAsync(HttpStatusCode.ServiceUnavailable, "queue_away");
        await system.BuyAsync(key: "k").AssertRefusedAsync(HttpStatusCode.ServiceUnavailable, "queue_away");
        using var items = await system.SendAsync(HttpMethod.Get, "/api/items");
        Assert.Equal(HttpStatusCode.OK, items.StatusCode);
        Assert.Equal(1, await system.CountAsync("select count(*) from orders where status = 'confirmed'"));

        await servers.RabbitMq.RestartAsync(Cancellation);
        Guid? id = null;
        await Deadline.UntilAsync(async () => (id = await TryBuyAsync(system, "k")) is not null, "orders are accepted again", cancellationToken: Cancellation);
        Assert.Equal(OrderStatus.Confirmed, (await system.OutcomeAsync(id!.Value)).Status);
        Assert.Equal(id, await system.OrderAsync(key: "k"));
        Assert.Equal(2, (await system.BalanceAsync("default")).Sold);
    }

    [Fact]
    public async Task The_catalogue_starts_without_RabbitMQ_and_orders_follow()
    {
        await servers.RabbitMq.KillAsync();
        await using var system = await OrderSystem.StartAsync(servers, workers: 0, purge: false);

        using var items = await system.SendAsync(HttpMethod.Get, "/api/items");
        Assert.Equal(HttpStatusCode.OK, items.StatusCode);
        await system.BuyAsync().AssertRefusedAsync(HttpStatusCode.ServiceUnavailable, "queue_away");

        await servers.RabbitMq.RestartAsync(Cancellation);
        await Deadline.UntilAsync(async () => await TryBuyAsync(system, null) is not null, "orders are accepted", cancellationToken: Cancellation);
    }

    [Fact]
    public async Task Without_PostgreSQL_orders_are_accepted_and_settled_when_it_is_back_also_by_another_worker()
    {
        await using var system = await OrderSystem.StartAsync(servers, workers: 0);
        var worker = system.StartWorkerProcess();
        await system.OutcomeAsync(await system.OrderAsync());

        await servers.Postgres.KillAsync();
        List<Guid> accepted = [];
        for (var number = 0; number < 20; number++)
            accepted.Add(await system.OrderAsync());
        await system.BuyAsync(key: "k").AssertRefusedAsync(HttpStatusCode.ServiceUnavailable, "database_away");
        await system.SendAsync(HttpMethod.Get, $"/orders/{accepted[0]}").AssertRefusedAsync(HttpStatusCode.ServiceUnavailable, "database_away");

        // It holds the orders and cannot settle them; they must not end with it.
        await worker.StopAsync();
        await system.StartWorkerAsync();
        await servers.Postgres.RestartAsync(Cancellation);

        await Deadline.UntilAsync(
            async () => (await system.SendAsync(HttpMethod.Get, $"/orders/{accepted[0]}")).StatusCode == HttpStatusCode.OK, "the database is back", cancellationToken: Cancellation);
        foreach (var id in accepted)
            Assert.Equal(OrderStatus.Confirmed, (await system.OutcomeAsync(id)).Status);
        Assert.Equal(21, (await system.BalanceAsync("default")).Sold);
    }

    private static async Task<Guid?> TryBuyAsync(OrderSystem system, string? key)
    {
        using var answer = await system.BuyAsync(key: key);
        return answer.StatusCode == HttpStatusCode.Accepted ? (await answer.ReadAsync<OrderAccepted>()).OrderId : null;
    }
}
