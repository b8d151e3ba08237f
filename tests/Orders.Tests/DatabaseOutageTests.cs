using System.Net;
using Sluice.Contracts;
using Sluice.OrderTests.World;
using Sluice.Testing;

namespace Sluice.OrderTests;

public sealed class DatabaseOutageTests(Servers servers)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_PostgreSQL_orders_are_accepted_and_settled_when_it_is_back_also_by_another_worker()
    {
        await using var postgres = await PostgresServer.StartAsync(Cancellation);
        await using var system = await OrderSystem.StartAsync(servers, 0, await SettingAsync(postgres));
        var worker = system.StartWorkerProcess();
        await system.OutcomeAsync(await system.OrderAsync());

        await postgres.KillAsync();
        List<Guid> accepted = [];
        for (var number = 0; number < 20; number++)
            accepted.Add(await system.OrderAsync());
        await system.BuyAsync(key: "k").AssertRefusedAsync(HttpStatusCode.ServiceUnavailable, "database_away");
        await system.SendAsync(HttpMethod.Get, $"/orders/{accepted[0]}").AssertRefusedAsync(HttpStatusCode.ServiceUnavailable, "database_away");

        // It holds the orders and cannot settle them; they must not end with it.
        await worker.StopAsync();
        await system.StartWorkerAsync();
        await postgres.RestartAsync(Cancellation);

        await Deadline.UntilAsync(
            async () => (await system.SendAsync(HttpMethod.Get, $"/orders/{accepted[0]}")).StatusCode == HttpStatusCode.OK, "the database is back", cancellationToken: Cancellation);
        foreach (var id in accepted)
            Assert.Equal(OrderStatus.Confirmed, (await system.OutcomeAsync(id)).Status);
        Assert.Equal(21, (await system.BalanceAsync("default")).Sold);
    }

    [Fact]
    public async Task PostgreSQL_that_is_killed_during_a_drop_loses_no_order_and_doubles_none()
    {
        await using var postgres = await PostgresServer.StartAsync(Cancellation);
        await using var system = await OrderSystem.StartAsync(servers, 2, await SettingAsync(postgres));
        await Drop.HoldAsync(system, async _ =>
        {
            await postgres.KillAsync();
            await postgres.RestartAsync(Cancellation);
        });
    }

    private static async Task<(string Key, string Value)> SettingAsync(PostgresServer postgres) =>
        ("ConnectionStrings:inventory", await postgres.CreateDatabaseAsync(cancellationToken: Cancellation));
}
