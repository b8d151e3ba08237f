using FsCheck;
using FsCheck.Fluent;
using Sluice.Contracts;
using Sluice.OrderTests.World;
using Sluice.Testing;

namespace Sluice.OrderTests;

/// <summary>Settlement against a real database, under random interleavings of orders, duplicates, cancellations and restocks.</summary>
public sealed class SettlementTests(Servers servers)
{
    private const int Limit = 5;
    private const int Workers = 3;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>One thing that happens. Orders, and what refers to them, go by number.</summary>
    public abstract record Occurrence
    {
        /// <summary>A batch comes to a worker; an order may be in it twice, or have come before.</summary>
        public sealed record Settle(int[] Orders) : Occurrence;

        public sealed record Cancel(int Order) : Occurrence;

        public sealed record Restock(int Units) : Occurrence;
    }

    public sealed record Schedule(int Stock, (int Buyer, int Quantity)[] Orders, Occurrence[] Steps);

    [Fact]
    public async Task Comes_to_what_a_naive_model_comes_to_one_step_after_the_other()
    {
        await using var world = await SettlementWorld.StartAsync(servers);

        await HoldAsync(30, async schedule =>
        {
            var run = await world.OpenAsync(schedule, Limit);
            var model = new NaiveSale(schedule, Limit);
            foreach (var step in schedule.Steps)
            {
                await run.FollowAsync(step);
                model.Follow(step);
            }

            Assert.Equal(model.Outcomes, await run.OutcomesAsync());
            Assert.Equal(model.Stock, await run.StockAsync());
        });
    }

    [Fact]
    public async Task Never_oversells_loses_or_doubles_whatever_happens_at_once()
    {
        await using var world = await SettlementWorld.StartAsync(servers);

        await HoldAsync(30, async schedule =>
        {
            var run = await world.OpenAsync(schedule, Limit);
            await Task.WhenAll(Enumerable.Range(0, Workers).Select(async worker =>
            {
                for (var step = worker; step < schedule.Steps.Length; step += Workers)
                    await run.FollowAsync(schedule.Steps[step]);
            }));

            // Whatever was delivered may come again, to all at once.
            int[] delivered = [.. schedule.Steps.OfType<Occurrence.Settle>().SelectMany(step => step.Orders).Distinct()];
            await Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => run.FollowAsync(new Occurrence.Settle(delivered))));

            var outcomes = await run.OutcomesAsync();
            Assert.Equal(delivered.Order(), outcomes.Keys.Order());
            Assert.Equal(0, await run.DifferenceAsync());
            Assert.True(await run.StockAsync() >= 0);
            Assert.All(
                outcomes.Where(outcome => outcome.Value == OrderStatus.Confirmed).GroupBy(outcome => schedule.Orders[outcome.Key].Buyer),
                ofBuyer => Assert.True(ofBuyer.Sum(outcome => schedule.Orders[outcome.Key].Quantity) <= Limit));
        });
    }

    private static Task HoldAsync(int tests, Func<Schedule, Task> property)
    {
        var steps =
            from orders in Gen.ArrayOf(from buyer in Gen.Choose(1, 6) from quantity in Gen.Choose(1, 4) select (buyer, quantity), 24)
            from stock in Gen.Choose(1, 40)
            from happens in Gen.ArrayOf(Gen.Frequency(
                (5, from batch in Gen.Choose(1, 8).SelectMany(size => Gen.ArrayOf(Gen.Choose(0, orders.Length - 1), size)) select (Occurrence)new Occurrence.Settle(batch)),
                (2, from order in Gen.Choose(0, orders.Length - 1) select (Occurrence)new Occurrence.Cancel(order)),
                (1, from units in Gen.Choose(1, 9) select (Occurrence)new Occurrence.Restock(units))), 18)
            select new Schedule(stock, orders, happens);

        // A thread of its own: FsCheck blocks it.
        return Task.Factory.StartNew(
            () => Check.One(
                Config.QuickThrowOnFailure.WithMaxTest(tests),
                Prop.ForAll(steps.ToArbitrary(), schedule => property(schedule).WaitAsync(Deadline.Default).GetAwaiter().GetResult())),
            Cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }
}
