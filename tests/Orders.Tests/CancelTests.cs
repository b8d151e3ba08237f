using System.Net;
using Sluice.Contracts;
using Sluice.OrderTests.World;
using Sluice.Testing;

namespace Sluice.OrderTests;

public sealed class CancelTests(Servers servers)
{
    [Fact]
    public async Task Returns_stock_once_however_often_it_is_asked_for()
    {
        await using var system = await OrderSystem.StartAsync(servers);
        var id = await system.OrderAsync("""{"quantity":3}""");
        await system.OutcomeAsync(id);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => system.CancelAsync(id)));

        var cancelled = Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK);
        Assert.Equal(OrderStatus.Cancelled, (await cancelled.ReadAsync<OrderSnapshot>()).Status);
        Assert.Equal(19, answers.Count(answer => answer.StatusCode == HttpStatusCode.Conflict));
        var balance = await system.BalanceAsync("default");
        Assert.Equal((0, 1000), (balance.Sold, balance.Stock));
        Assert.NotNull((await system.FindAsync(id)).CancelledAt);
    }

    [Fact]
    public async Task Is_for_who_placed_the_order_and_for_operators()
    {
        await using var system = await OrderSystem.StartAsync(servers);
        var alices = await system.OrderAsync(client: "alice");
        var theirs = await system.OrderAsync(client: null);
        await system.OutcomeAsync(alices);
        await system.OutcomeAsync(theirs);

        Assert.Equal(HttpStatusCode.Forbidden, (await system.CancelAsync(alices, client: "bob")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await system.CancelAsync(alices, client: null)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await system.CancelAsync(theirs, client: "alice")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await system.CancelAsync(alices, client: "boss", roles: "operator")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await system.CancelAsync(theirs, client: null)).StatusCode);
        using var unknown = await system.CancelAsync(Guid.NewGuid());
        await unknown.ProblemAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Only_a_confirmed_order_can_be_cancelled_and_only_while_its_sale_lasts()
    {
        await using var system = await OrderSystem.StartAsync(servers, 0, OrderSystem.OneBatchOf(2));
        var sale = await system.OpenSaleAsync(new { sku = "drop", stock = 1 });
        var confirmed = await system.OrderAsync("""{"sku":"drop"}""");
        var rejected = await system.OrderAsync("""{"sku":"drop"}""");
        using var queued = await system.CancelAsync(confirmed);
        await queued.ProblemAsync(HttpStatusCode.Conflict);

        await system.StartWorkerAsync();
        await system.OutcomeAsync(rejected);
        using var refused = await system.CancelAsync(rejected);
        await refused.ProblemAsync(HttpStatusCode.Conflict);

        using var closed = await system.SendAsync(HttpMethod.Post, $"/sales/{sale.Id}/close");
        using var late = await system.CancelAsync(confirmed);
        await late.ProblemAsync(HttpStatusCode.Conflict);
        Assert.Equal(OrderStatus.Confirmed, (await system.FindAsync(confirmed)).Status);
    }

    [Fact]
    public async Task What_is_cancelled_can_be_bought_again_also_by_the_same_buyer()
    {
        await using var system = await OrderSystem.StartAsync(servers);
        await system.OpenSaleAsync(new { sku = "drop", stock = 1, limitPerBuyer = 1 });
        var first = await system.OrderAsync("""{"sku":"drop"}""");
        await system.OutcomeAsync(first);
        await system.UntilSoldOutAsync("drop");

        using var cancelled = await system.CancelAsync(first);

        Assert.Equal(OrderStatus.Confirmed, (await system.OutcomeAsync(await system.OrderAsync("""{"sku":"drop"}"""))).Status);
        Assert.Equal(1, (await system.BalanceAsync("drop")).Sold);
    }
}
