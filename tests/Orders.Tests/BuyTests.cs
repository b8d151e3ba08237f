using System.Net;
using System.Text.Json;
using Sluice.Contracts;
using Sluice.OrderTests.World;
using Sluice.Testing;

namespace Sluice.OrderTests;

public sealed class BuyTests(Servers servers, IdleSystem idle) : IClassFixture<IdleSystem>
{
    [Fact]
    public async Task Without_more_it_is_one_of_the_default_sku()
    {
        await using var system = await OrderSystem.StartAsync(servers);

        foreach (var body in (string[])["", "{}", """{"sku":null,"quantity":null,"buyer":null,"else":{"quantity":7}}"""])
        {
            var order = await system.OutcomeAsync(await system.OrderAsync(body));
            Assert.Equal((OrderStatus.Confirmed, "default", 1, 49.90m), (order.Status, order.Sku, order.Quantity, order.Price));
        }

        Assert.Equal((1000, 3, 997), Figures(await system.BalanceAsync("default")));
    }

    [Theory]
    [InlineData("""{"quantity":0}""", "quantity")]
    [InlineData("""{"quantity":11}""", "quantity")]
    [InlineData("""{"quantity":1.5}""", "quantity")]
    [InlineData("""{"quantity":"1"}""", "quantity")]
    [InlineData("""{"quantity":99999999999}""", "quantity")]
    [InlineData("""{"quantity":{"a":[1]},"sku":""}""", "quantity", "sku")]
    [InlineData("""{"sku":7}""", "sku")]
    [InlineData("""{"sku":"a b"}""", "sku")]
    [InlineData("""{"buyer":" "}""", "buyer")]
    [InlineData("""{"buyer":"a\u0000b"}""", "buyer")]
    [InlineData("""{"buyer":"\ud800"}""", "body")]
    [InlineData("[]", "body")]
    [InlineData("{", "body")]
    [InlineData("{} {}", "body")]
    [InlineData("nothing", "body")]
    public async Task Bad_input_is_named_by_field(string body, params string[] fields)
    {
        var system = idle.System;

        using var answer = await system.BuyAsync(body);

        var problem = await answer.ProblemAsync(HttpStatusCode.BadRequest);
        Assert.Equal(fields, problem.GetProperty("errors").EnumerateObject().Select(field => field.Name));
    }

    [Fact]
    public async Task A_buyers_name_has_a_length()
    {
        var system = idle.System;

        await system.OrderAsync(JsonSerializer.Serialize(new { buyer = new string('b', 100) }));
        using var answer = await system.BuyAsync(JsonSerializer.Serialize(new { buyer = new string('b', 101) }));
        using var huge = await system.BuyAsync(JsonSerializer.Serialize(new { buyer = new string('b', 5000) }));

        Assert.True((await answer.ProblemAsync(HttpStatusCode.BadRequest)).GetProperty("errors").TryGetProperty("buyer", out _));
        Assert.True((await huge.ProblemAsync(HttpStatusCode.BadRequest)).GetProperty("errors").TryGetProperty("body", out _));

        // On the same connection.
        await system.OrderAsync();
    }

    [Fact]
    public async Task An_unknown_sku_is_404()
    {
        var system = idle.System;

        await system.BuyAsync("""{"sku":"nothing"}""").AssertRefusedAsync(HttpStatusCode.NotFound, "unknown_sku");
    }

    [Fact]
    public async Task An_accepted_order_is_never_404_and_an_id_that_was_never_given_always_is()
    {
        var system = idle.System;

        var order = await system.FindAsync(await system.OrderAsync());
        Assert.Equal((OrderStatus.Queued, null), (order.Status, order.SettledAt));
        Assert.InRange(order.PlacedAt, TimeProvider.System.GetUtcNow().AddMinutes(-5), TimeProvider.System.GetUtcNow().AddMinutes(5));

        foreach (var id in (object[])[Guid.NewGuid(), Guid.CreateVersion7(), Guid.Empty, Tampered(order.OrderId), "17", "%20"])
        {
            using var answer = await system.SendAsync(HttpMethod.Get, $"/orders/{id}");
            await answer.ProblemAsync(HttpStatusCode.NotFound);
        }
    }

    [Fact]
    public async Task Another_process_knows_the_order_too()
    {
        var one = idle.System;
        await using var other = await OrderSystem.StartAsync(servers, 0, ("ConnectionStrings:inventory", one.Settings["ConnectionStrings:inventory"]));
        await using var stranger = await OrderSystem.StartAsync(servers, workers: 0);

        var id = await one.OrderAsync();

        Assert.Equal(OrderStatus.Queued, (await other.FindAsync(id)).Status);
        using var answer = await stranger.SendAsync(HttpMethod.Get, $"/orders/{id}");
        await answer.ProblemAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_long_queue_refuses_and_takes_orders_again_when_it_is_shorter()
    {
        await using var system = await OrderSystem.StartAsync(servers, 0, ("Orders:QueueLimit", "5"));

        List<Guid> accepted = [];
        for (var number = 0; number < 5; number++)
            accepted.Add(await system.OrderAsync());
        await system.BuyAsync().AssertRefusedAsync(HttpStatusCode.ServiceUnavailable, "queue_full");

        await system.StartWorkerAsync();
        await Deadline.UntilAsync(async () => (await system.BuyAsync()).StatusCode == HttpStatusCode.Accepted, "the queue takes orders again",
            cancellationToken: TestContext.Current.CancellationToken);
        foreach (var id in accepted)
            Assert.Equal(OrderStatus.Confirmed, (await system.OutcomeAsync(id)).Status);
    }

    [Fact]
    public async Task Orders_of_one_moment_are_served_in_the_order_of_their_arrival()
    {
        await using var system = await OrderSystem.StartAsync(servers, 0, OrderSystem.OneBatchOf(12));
        await system.OpenSaleAsync(new { sku = "rare", stock = 5 });

        List<Guid> inTurn = [];
        for (var number = 0; number < 12; number++)
            inTurn.Add(await system.OrderAsync("""{"sku":"rare"}"""));
        await system.StartWorkerAsync();

        List<string> outcomes = [];
        foreach (var id in inTurn)
            outcomes.Add((await system.OutcomeAsync(id)).Status);
        Assert.Equal([.. Enumerable.Repeat(OrderStatus.Confirmed, 5), .. Enumerable.Repeat(OrderStatus.Rejected, 7)], outcomes);
        Assert.Equal((5, 5, 0), Figures(await system.BalanceAsync("rare")));
    }

    private static (long Supplied, long Sold, long Stock) Figures(InventoryBalance balance) => (balance.Supplied, balance.Sold, balance.Stock);

    private static Guid Tampered(Guid id)
    {
        var bytes = id.ToByteArray(bigEndian: true);
        bytes[7] ^= 1;
        return new Guid(bytes, bigEndian: true);
    }
}
