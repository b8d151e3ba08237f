using System.Net;
using Sluice.Contracts;
using Sluice.OrderTests.World;
using Sluice.Testing;

namespace Sluice.OrderTests;

public sealed class IdempotencyTests(Servers servers, IdleSystem idle) : IClassFixture<IdleSystem>
{
    [Fact]
    public async Task The_same_key_fifty_times_at_once_is_one_order_and_fifty_equal_answers()
    {
        await using var system = await OrderSystem.StartAsync(servers, workers: 2);

        var ids = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => system.OrderAsync("""{"quantity":2}""", key: "k")));

        var id = Assert.Single(ids.Distinct());
        Assert.Equal(OrderStatus.Confirmed, (await system.OutcomeAsync(id)).Status);
        await system.OutcomeAsync(await system.OrderAsync(client: "last"));
        Assert.Equal(2, await system.CountAsync("select count(*) from orders"));
        Assert.Equal(3, (await system.BalanceAsync("default")).Sold);
    }

    [Fact]
    public async Task The_same_request_is_the_same_however_it_is_written()
    {
        var system = idle.System;

        var id = await system.OrderAsync("{}", key: "same");

        Assert.Equal(id, await system.OrderAsync("""{ "quantity": 1, "sku": "default" }""", key: "same"));
        await system.BuyAsync("""{"quantity":2}""", key: "same").AssertRefusedAsync(HttpStatusCode.Conflict, "key_in_use");
    }

    [Fact]
    public async Task A_key_is_its_clients_own()
    {
        var system = idle.System;

        Assert.Equal(3, new HashSet<Guid>
        {
            await system.OrderAsync(client: "alice", key: "own"),
            await system.OrderAsync(client: "bob", key: "own"),
            await system.OrderAsync(client: null, key: "own"),
        }.Count);
    }

    [Fact]
    public async Task An_answer_stays_the_same_whatever_has_become_of_the_sale()
    {
        await using var system = await OrderSystem.StartAsync(servers);
        var sale = await system.OpenSaleAsync(new { sku = "rare", stock = 1 });
        var id = await system.OrderAsync("""{"sku":"rare"}""", key: "k");
        await system.OutcomeAsync(id);

        using var closed = await system.SendAsync(HttpMethod.Post, $"/sales/{sale.Id}/close");

        Assert.Equal(HttpStatusCode.OK, closed.StatusCode);
        Assert.Equal(id, await system.OrderAsync("""{"sku":"rare"}""", key: "k"));
        await system.BuyAsync("""{"sku":"rare","quantity":2}""", key: "k").AssertRefusedAsync(HttpStatusCode.Conflict, "key_in_use");
        await system.BuyAsync("""{"sku":"rare"}""", key: "other").AssertRefusedAsync(HttpStatusCode.Gone, "ended");
    }

    [Fact]
    public async Task A_refused_request_binds_nothing()
    {
        var system = idle.System;

        await system.BuyAsync("""{"sku":"later"}""", key: "refused").AssertRefusedAsync(HttpStatusCode.NotFound, "unknown_sku");
        using var bad = await system.BuyAsync("""{"quantity":0}""", key: "refused");
        await bad.ProblemAsync(HttpStatusCode.BadRequest);

        await system.OrderAsync("""{"quantity":3}""", key: "refused");
    }

    [Theory]
    [InlineData(255, HttpStatusCode.Accepted)]
    [InlineData(256, HttpStatusCode.BadRequest)]
    [InlineData(0, HttpStatusCode.BadRequest)]
    public async Task A_key_has_a_length(int length, HttpStatusCode expected)
    {
        var system = idle.System;

        using var answer = await system.BuyAsync(key: new string('k', length));

        Assert.Equal(expected, answer.StatusCode);
        if (expected == HttpStatusCode.BadRequest)
            Assert.True((await answer.ProblemAsync(expected)).GetProperty("errors").TryGetProperty("Idempotency-Key", out _));
    }

    [Fact]
    public async Task A_key_is_free_again_when_its_time_is_over()
    {
        var system = idle.System;
        var first = await system.OrderAsync(key: "free");

        await system.ReadAsync("update idempotency_keys set created_at = created_at - interval '23 hours 59 minutes' returning 1", row => row.GetInt32(0));
        Assert.Equal(first, await system.OrderAsync(key: "free"));
        await system.ReadAsync("update idempotency_keys set created_at = created_at - interval '2 minutes' returning 1", row => row.GetInt32(0));

        Assert.NotEqual(first, await system.OrderAsync("""{"quantity":2}""", key: "free"));
    }
}
