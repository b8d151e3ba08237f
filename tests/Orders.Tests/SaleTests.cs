using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Sluice.Contracts;
using Sluice.ItemApi.Sales;
using Sluice.OrderTests.World;
using Sluice.Testing;
using StackExchange.Redis;

namespace Sluice.OrderTests;

public sealed class SaleTests(Servers servers, IdleSystem idle) : IClassFixture<IdleSystem>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static readonly DateTimeOffset today = TimeProvider.System.GetUtcNow();

    [Fact]
    public async Task Before_its_start_buyers_learn_when_it_starts()
    {
        await using var system = await OrderSystem.StartAsync(servers, workers: 0);
        var start = today.AddHours(1);
        await system.OpenSaleAsync(new { sku = "drop", stock = 5, startsAt = start });

        using var answer = await system.BuyAsync("""{"sku":"drop"}""");

        var problem = await answer.ProblemAsync((HttpStatusCode)425);
        Assert.Equal("not_started", problem.GetProperty("reason").GetString());
        Assert.Equal(start, problem.GetProperty("startsAt").GetDateTimeOffset(), TimeSpan.FromMilliseconds(1));
        Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromMinutes(50), TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task After_its_end_it_is_gone_and_another_can_be_opened()
    {
        await using var system = await OrderSystem.StartAsync(servers);
        var sale = await system.OpenSaleAsync(new { sku = "drop", stock = 5 });
        await system.OutcomeAsync(await system.OrderAsync("""{"sku":"drop"}"""));

        using var closed = await system.SendAsync(HttpMethod.Post, $"/sales/{sale.Id}/close");
        Assert.Equal(SaleStatus.Ended, (await closed.ReadAsync<SaleSnapshot>()).Status);
        await system.BuyAsync("""{"sku":"drop"}""").AssertRefusedAsync(HttpStatusCode.Gone, "ended");

        await system.OpenSaleAsync(new { sku = "drop", stock = 2 });
        await system.OutcomeAsync(await system.OrderAsync("""{"sku":"drop","quantity":2}"""));
        var balance = await system.BalanceAsync("drop");
        Assert.Equal((3, 3, 0), (balance.Supplied, balance.Sold, balance.Stock));
    }

    [Fact]
    public async Task A_sku_has_one_sale_at_a_time()
    {
        await using var system = await OrderSystem.StartAsync(servers, workers: 0);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(number =>
            system.SendAsync(HttpMethod.Post, "/sales", JsonSerializer.Serialize(new { sku = "drop", stock = 5 + number }))));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Created);
        Assert.Equal(7, answers.Count(answer => answer.StatusCode == HttpStatusCode.Conflict));
        Assert.Single(answers.Select(answer => answer.Headers.Location).Distinct());
        await system.BalanceAsync("drop");
    }

    [Theory]
    [InlineData("""{}""", "sku", "stock")]
    [InlineData("""{"sku":"a b","stock":0}""", "sku", "stock")]
    [InlineData("""{"sku":"a","stock":"5"}""", "stock")]
    [InlineData("""{"sku":"a","stock":5,"limitPerBuyer":0,"price":-1}""", "limitPerBuyer", "price")]
    [InlineData("""{"sku":"a","stock":5,"price":1.001}""", "price")]
    [InlineData("""{"sku":"a","stock":5,"startsAt":"soon"}""", "startsAt")]
    [InlineData("""{"sku":"a","stock":5,"startsAt":"2999-01-02T00:00:00Z","endsAt":"2999-01-01T00:00:00Z"}""", "endsAt")]
    [InlineData("""{"sku":"a","stock":5,"startsAt":"2001-01-01T00:00:00Z","endsAt":"2001-01-02T00:00:00Z"}""", "endsAt")]
    [InlineData("""{"sku":"a","stock":5,"ends":"2001-01-02T00:00:00Z"}""", "ends")]
    [InlineData("""[]""", "body")]
    [InlineData("""{""", "body")]
    public async Task Bad_input_is_named_by_field(string body, params string[] fields)
    {
        var system = idle.System;

        using var answer = await system.SendAsync(HttpMethod.Post, "/sales", body);

        var problem = await answer.ProblemAsync(HttpStatusCode.BadRequest);
        Assert.Subset(problem.GetProperty("errors").EnumerateObject().Select(field => field.Name).ToHashSet(), fields.ToHashSet());
        Assert.Equal(0, await system.CountAsync("select count(*) from sales"));
    }

    [Fact]
    public async Task Its_counts_are_those_of_its_orders()
    {
        await using var system = await OrderSystem.StartAsync(servers, 0, OrderSystem.OneBatchOf(4));
        var sale = await system.OpenSaleAsync(new { sku = "drop", stock = 5, price = 12.5, limitPerBuyer = 3, endsAt = today.AddHours(1) });
        Assert.Equal((SaleStatus.Open, 5, 3, 12.5m), (sale.Status, sale.StockLeft, sale.LimitPerBuyer, sale.Price));
        using var before = await system.SendAsync(HttpMethod.Get, $"/sales/{sale.Id}/history");
        Assert.Empty((await before.ReadAsync<SaleHistory>()).Points);

        foreach (var (buyer, quantity) in ((string, int)[])[("ann", 2), ("ann", 2), ("ben", 3), ("cleo", 1)])
            await system.OrderAsync($$"""{"sku":"drop","quantity":{{quantity}},"buyer":"{{buyer}}"}""");
        await UntilAsync(found => found.Queued == 4, "four orders are queued");

        await system.StartWorkerAsync();
        await UntilAsync(found => found.Queued == 0, "no order is queued");
        var settled = await system.SaleAsync(sale.Id);
        Assert.Equal((2, 2, 0, 5, 0, 62.5m), (settled.Confirmed, settled.Rejected, settled.Cancelled, settled.Units, settled.StockLeft, settled.Revenue));
        Assert.Equal(
            [("ann", "limit_per_buyer"), ("cleo", "sold_out")],
            await system.ReadAsync("select buyer_name, reason from orders where status = 'rejected' order by placed_at", row => (row.GetString(0), row.GetString(1))));

        using var list = await system.SendAsync(HttpMethod.Get, "/sales?limit=1");
        Assert.Equal(sale.Id, Assert.Single((await list.ReadAsync<CursorPage<SaleSnapshot>>()).Data).Id);

        using var over = await system.SendAsync(HttpMethod.Get, $"/sales/{sale.Id}/history");
        var history = await over.ReadAsync<SaleHistory>();
        Assert.Equal(
            (4, 2, 2, 0),
            (history.Points.Sum(point => point.Accepted), history.Points.Sum(point => point.Confirmed), history.Points.Sum(point => point.Rejected), history.Points[^1].StockLeft));
        Assert.True(history.TimeToSettle!.P99Ms >= history.TimeToSettle.P50Ms && history.TimeToSettle.P50Ms > 0);
        Assert.All(history.Points.Zip(history.Points.Skip(1)), pair => Assert.Equal(history.StepSeconds, (pair.Second.At - pair.First.At).TotalSeconds));

        Task UntilAsync(Func<SaleSnapshot, bool> condition, string what) => Deadline.UntilAsync(
            async () => condition(await system.SaleAsync(sale.Id)), what, cancellationToken: Cancellation);
    }

    [Fact]
    public async Task A_client_answers_for_its_buyers_and_an_address_for_itself()
    {
        await using var system = await OrderSystem.StartAsync(servers);
        await system.OpenSaleAsync(new { sku = "drop", stock = 100, limitPerBuyer = 1 });

        List<string> outcomes = [];
        foreach (var (client, buyer) in ((string?, string)[])
            [("shop", "ann"), ("shop", "ben"), ("shop", "ann"), ("other", "ann"), (null, "ann"), (null, "ben")])
            outcomes.Add((await system.OutcomeAsync(await system.OrderAsync($$"""{"sku":"drop","buyer":"{{buyer}}"}""", client))).Status);

        Assert.Equal(["confirmed", "confirmed", "rejected", "confirmed", "confirmed", "rejected"], outcomes);
    }

    [Fact]
    public async Task A_sold_out_sku_is_refused_at_once_until_it_is_restocked()
    {
        await using var system = await OrderSystem.StartAsync(servers);
        await system.OpenSaleAsync(new { sku = "drop", stock = 1 });
        await system.OutcomeAsync(await system.OrderAsync("""{"sku":"drop"}"""));
        await system.UntilSoldOutAsync("drop");

        await system.BuyAsync("""{"sku":"drop"}""").AssertRefusedAsync(HttpStatusCode.Conflict, "sold_out");
        Assert.Equal(1, await system.CountAsync("select count(*) from orders"));

        using var restocked = await system.SendAsync(HttpMethod.Post, "/inventory/drop/restock", """{"quantity":2}""");
        var now = await restocked.ReadAsync<InventorySnapshot>();
        Assert.Equal((2, false), (now.Stock, now.SoldOut));
        Assert.Equal(OrderStatus.Confirmed, (await system.OutcomeAsync(await system.OrderAsync("""{"sku":"drop"}"""))).Status);
        var balance = await system.BalanceAsync("drop");
        Assert.Equal((3, 2, 1), (balance.Supplied, balance.Sold, balance.Stock));
    }

    [Fact]
    public async Task Of_mark_and_database_the_later_counts_and_what_the_database_never_came_to_is_cleared()
    {
        await using var system = await OrderSystem.StartAsync(servers, workers: 0, ("Orders:FactsInterval", "00:00:02"));
        using var redis = await ConnectionMultiplexer.ConnectAsync(system.Settings["ConnectionStrings:redis"]);
        var marks = redis.GetDatabase();
        await system.OpenSaleAsync(new { sku = "drop", stock = 1 });
        var version = await system.CountAsync("select version from inventory where sku = 'drop'");

        await marks.HashSetAsync(SoldOut.Key, "drop", version);
        await Deadline.UntilAsync(MarkCountsAsync, "the mark counts", cancellationToken: Cancellation);
        await system.OrderAsync("""{"sku":"drop"}""");

        await Deadline.UntilAsync(async () => !await marks.HashExistsAsync(SoldOut.Key, "default"), "the mark is cleared", cancellationToken: Cancellation);
        await Deadline.UntilAsync(async () => (await system.BuyAsync()).StatusCode == HttpStatusCode.Accepted, "it is sold again", cancellationToken: Cancellation);

        // It may be cleared before anybody has seen it.
        async Task<bool> MarkCountsAsync()
        {
            await marks.HashSetAsync(SoldOut.Key, "default", 1_000_000);
            return (await system.BuyAsync()).StatusCode == HttpStatusCode.Conflict;
        }
    }

    [Fact]
    public async Task Stock_that_has_come_is_known_whatever_is_being_read_meanwhile()
    {
        // Nobody reads but the test.
        await using var system = await OrderSystem.StartAsync(servers, 0, ("Orders:FactsInterval", "00:00:10"));
        var board = system.Service<SaleBoard>();
        await system.OpenSaleAsync(new { sku = "drop", stock = 1 });
        await using var connection = await system.Database.OpenConnectionAsync(Cancellation);
        await using var gate = await connection.BeginTransactionAsync(Cancellation);
        await using var close = new NpgsqlCommand("select pg_advisory_xact_lock(1)", connection, gate);
        await close.ExecuteNonQueryAsync(Cancellation);

        // The first to read waits at the gate, with the stock as it was before; whoever comes meanwhile passes.
        await system.ReadAsync(
            """
            alter table sales rename to kept_sales;
            create view sales as select * from kept_sales
            where case when pg_try_advisory_xact_lock(2) then pg_advisory_xact_lock(1)::text is not null else true end
            """, _ => 0);
        var earlier = board.ReadFactsAsync(Cancellation);
        await Deadline.UntilAsync(
            async () => await system.CountAsync("select count(*) from pg_stat_activity where datname = current_database() and wait_event = 'advisory'") == 1,
            "a read is under way", cancellationToken: Cancellation);

        using var restocked = await system.SendAsync(HttpMethod.Post, "/inventory/drop/restock", """{"quantity":1}""");
        Assert.Equal(2, board.Find("drop")!.Stock);
        await gate.CommitAsync(Cancellation);
        await earlier;
        Assert.Equal(2, board.Find("drop")!.Stock);
    }

    [Fact]
    public async Task A_process_without_time_to_write_down_its_counts_ends_all_the_same()
    {
        using var intake = new SaleIntake(idle.System.Database, TimeProvider.System, NullLogger<SaleIntake>.Instance);
        intake.Accepted(Guid.NewGuid());

        await intake.StopAsync(new CancellationToken(canceled: true));
    }

    [Fact]
    public async Task Restock_says_what_is_wrong()
    {
        var system = idle.System;

        foreach (var body in (string[])["{}", """{"quantity":0}""", """{"quantity":-3}""", """{"units":3}"""])
        {
            using var answer = await system.SendAsync(HttpMethod.Post, "/inventory/default/restock", body);
            await answer.ProblemAsync(HttpStatusCode.BadRequest);
        }

        await system.SendAsync(HttpMethod.Post, "/inventory/nothing/restock", """{"quantity":3}""").AssertRefusedAsync(HttpStatusCode.NotFound, "unknown_sku");
    }
}
