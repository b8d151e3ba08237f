using System.Net;
using Sluice.Contracts;
using Sluice.OrderTests.World;
using Sluice.Testing;

namespace Sluice.OrderTests;

[Collection(typeof(DoomedBroker))]
public sealed class BrokerOutageTests(Servers servers, DoomedBroker broker)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_RabbitMQ_buyers_are_refused_at_once_and_nothing_is_ordered()
    {
        await using var system = await OrderSystem.StartAsync(servers, 1, await broker.SettingAsync());
        await system.OutcomeAsync(await system.OrderAsync());

        await broker.Server.KillAsync();
        await Deadline.UntilAsync(
            async () => (await system.BuyAsync()).StatusCode == HttpStatusCode.ServiceUnavailable, "the broker is known to be away", cancellationToken: Cancellation);
        await system.BuyAsync().AssertRefusedAsync(HttpStatusCode.ServiceUnavailable, "queue_away");
        await system.BuyAsync(key: "k").AssertRefusedAsync(HttpStatusCode.ServiceUnavailable, "queue_away");
        using var items = await system.SendAsync(HttpMethod.Get, "/api/items");
        Assert.Equal(HttpStatusCode.OK, items.StatusCode);
        Assert.Equal(1, await system.CountAsync("select count(*) from orders where status = 'confirmed'"));

        await broker.Server.RestartAsync(Cancellation);
        Guid? id = null;
        await Deadline.UntilAsync(async () => (id = await TryBuyAsync(system, "k")) is not null, "orders are accepted again", cancellationToken: Cancellation);
        Assert.Equal(OrderStatus.Confirmed, (await system.OutcomeAsync(id!.Value)).Status);
        Assert.Equal(id, await system.OrderAsync(key: "k"));
        Assert.Equal(2, (await system.BalanceAsync("default")).Sold);
    }

    [Fact]
    public async Task The_catalogue_starts_without_RabbitMQ_and_orders_follow()
    {
        var setting = await broker.SettingAsync();
        await broker.Server.KillAsync();
        await using var system = await OrderSystem.StartWithoutQueueAsync(servers, setting);

        using var items = await system.SendAsync(HttpMethod.Get, "/api/items");
        Assert.Equal(HttpStatusCode.OK, items.StatusCode);
        await system.BuyAsync().AssertRefusedAsync(HttpStatusCode.ServiceUnavailable, "queue_away");

        await broker.Server.RestartAsync(Cancellation);
        await Deadline.UntilAsync(async () => await TryBuyAsync(system, null) is not null, "orders are accepted", cancellationToken: Cancellation);
    }

    [Fact]
    public async Task RabbitMQ_that_is_killed_during_a_drop_loses_no_order_and_doubles_none()
    {
        await using var system = await OrderSystem.StartAsync(servers, 2, await broker.SettingAsync());
        await Drop.HoldAsync(system, async _ =>
        {
            await broker.Server.KillAsync();
            await broker.Server.RestartAsync(Cancellation);
        });
    }

    private static async Task<Guid?> TryBuyAsync(OrderSystem system, string? key)
    {
        using var answer = await system.BuyAsync(key: key);
        return answer.StatusCode == HttpStatusCode.Accepted ? (await answer.ReadAsync<OrderAccepted>()).OrderId : null;
    }
}
