using FsCheck;
using FsCheck.Fluent;
using Sluice.ImportOrchestrator.Forecasts;
using Sluice.RateLimiting;
using Sluice.Sources.Options;

namespace Sluice.ImportTests.Forecasts;

public sealed class ForecastTests
{
    private static readonly DateTimeOffset now = new(2026, 3, 1, 10, 0, 0, TimeSpan.Zero);

    private static readonly LimitOptions[] shipped =
        [new() { Permits = 500, Window = TimeSpan.FromSeconds(20) }, new() { Permits = 2000, Window = TimeSpan.FromSeconds(100) }];

    private static readonly TimeSpan[] delays = [.. new[] { 30, 60, 120, 240 }.Select(seconds => TimeSpan.FromSeconds(seconds))];

    [Fact]
    public void The_schedule_is_that_of_the_permit_rule_from_whatever_state_of_the_ledger() => Hold(Scenarios(), scenario =>
    {
        var rule = new PermitRule(scenario.Limits);
        rule.StartFrom(scenario.Ledger);
        long last = 0;
        for (var number = 0; number < scenario.Requests; number++)
            last = rule.Send(0, latency: 0);

        Assert.Equal(new TimeSpan(last), Schedule.EndOf(scenario.Requests, scenario.Limits, scenario.Ledger, []));
    });

    [Fact]
    public void Latencies_make_the_end_later_by_no_more_than_one_of_them_for_each_window() => Hold(Scenarios(), scenario =>
    {
        var random = new Random(scenario.Seed);
        var longest = scenario.Limits.Min(limit => limit.Window.Ticks) / 20;
        var rule = new PermitRule(scenario.Limits);
        rule.StartFrom(scenario.Ledger);
        long last = 0;
        for (var number = 0; number < scenario.Requests; number++)
            last = rule.Send(0, random.NextInt64(longest));

        // From one request to that which takes its permit again: a hop, for each limit in turn at the worst.
        var hops = scenario.Limits.Sum(limit => scenario.Requests / limit.Permits + 1);
        var forecast = Schedule.EndOf(scenario.Requests, scenario.Limits, scenario.Ledger, []);
        Assert.InRange(last, forecast.Ticks, forecast.Ticks + hops * longest);
    });

    [Fact]
    public void More_requests_never_end_earlier_and_more_permits_never_later() => Hold(Scenarios(), scenario =>
    {
        var end = Schedule.EndOf(scenario.Requests, scenario.Limits, scenario.Ledger, []);
        var more = Schedule.EndOf(scenario.Requests + 1, scenario.Limits, scenario.Ledger, []);
        var wider = Schedule.EndOf(scenario.Requests, [.. scenario.Limits.Select(limit => new LimitOptions { Permits = limit.Permits + 1, Window = limit.Window })], scenario.Ledger, []);
        Assert.True(more >= end && wider <= end);
    });

    [Fact]
    public void Retries_that_are_expected_meet_those_of_a_simulation()
    {
        const int Items = 400;
        foreach (var share in (double[])[0.05, 0.2, 0.5])
        {
            var forecast = Forecast.Of(Input(Items, experience: new Experience(100_000, (long)(share * 100_005), null)), now);
            var runs = Enumerable.Range(1, 60).Select(seed => Simulate(Items, share, new Random(seed))).ToList();

            // By theory the mean of 60 runs is within a hundredth of the expected number of requests.
            Assert.Equal(runs.Average(run => run.Requests), forecast.RemainingRequests, 0.02 * forecast.RemainingRequests);
            var ends = runs.Select(run => run.End.TotalSeconds).Order().ToList();
            Assert.InRange(forecast.RemainingSeconds!.Value, 0.75 * ends[6], 1.25 * ends[^6]);
        }
    }

    [Fact]
    public void A_request_that_nothing_holds_up_is_sent_now()
    {
        var forecast = Forecast.Of(Input(1), now);
        Assert.Equal((now, 0.0, 1, "none"), (forecast.EndsAt, forecast.RemainingSeconds, forecast.RemainingRequests, forecast.Constraint));
    }

    [Theory]
    [InlineData(1000, 20, "500 per 20 s")]
    [InlineData(2020, 100, "2000 per 100 s")]
    [InlineData(10000, 460, "2000 per 100 s")]
    public void The_limit_that_delays_most_is_named(int items, int seconds, string reason)
    {
        var forecast = Forecast.Of(Input(items), now);
        Assert.Equal((now.AddSeconds(seconds), "limit", reason), (forecast.EndsAt, forecast.Constraint, forecast.Reason));
    }

    [Fact]
    public void What_the_ledger_holds_delays_the_first_request()
    {
        var reading = new LedgerReading(TimeSpan.Zero, 100, [new LedgerUse(TimeSpan.FromSeconds(5), 400)]);
        Assert.Equal(15, Forecast.Of(Input(300) with { Ledger = reading }, now).RemainingSeconds);
        Assert.Equal(20, Forecast.Of(Input(401) with { Ledger = reading }, now).RemainingSeconds);
        Assert.Equal(70, Forecast.Of(Input(1) with { Ledger = new LedgerReading(TimeSpan.FromSeconds(70), 0, []) }, now).RemainingSeconds);
    }

    [Fact]
    public void Twelve_hundred_requests_under_a_quota_of_five_hundred_a_day_end_on_the_third_day()
    {
        var quota = new Quota("day", Limit: 500, Used: 0, ResetsIn: TimeSpan.FromHours(14), TimeSpan.FromDays(1));
        var forecast = Forecast.Of(Input(1200) with { Quotas = [quota] }, now);
        Assert.Equal((new DateTime(2026, 3, 3), "quota", "quota of 500 per day"), (forecast.EndsAt!.Value.UtcDateTime.Date, forecast.Constraint, forecast.Reason));

        var usedUp = Forecast.Of(Input(400) with { Quotas = [quota with { Used = 500 }] }, now);
        Assert.Equal(now.AddHours(14), usedUp.EndsAt);
        Assert.Equal("limit", Forecast.Of(Input(1200) with { Quotas = [quota with { Limit = 1200 }] }, now).Constraint);
    }

    [Fact]
    public void Of_two_quotas_both_hold()
    {
        var day = new Quota("day", 100, 0, TimeSpan.FromHours(14), TimeSpan.FromDays(1));
        var month = new Quota("month", 250, 0, TimeSpan.FromDays(20), TimeSpan.FromDays(30));
        var forecast = Forecast.Of(Input(300) with { Quotas = [day, month] }, now);
        Assert.Equal((now.AddDays(20), "quota of 250 per month"), (forecast.EndsAt, forecast.Reason));
    }

    [Fact]
    public void Others_on_the_account_get_their_share()
    {
        // 1,000 of each in turn, then the rest of the larger one alone.
        Assert.Equal(Seconds(2000), Forecast.Of(Input(1000) with { OthersRequests = [4000] }, now).RemainingSeconds);
        Assert.Equal(Seconds(1500), Forecast.Of(Input(1000) with { OthersRequests = [500] }, now).RemainingSeconds);

        static double Seconds(int requests) => Schedule.EndOf(requests, shipped, LedgerReading.Empty, []).TotalSeconds;
    }

    [Fact]
    public void An_import_that_is_slower_than_its_limits_goes_on_at_its_own_pace()
    {
        var forecast = Forecast.Of(Input(1000, experience: new Experience(500, 0, RequestsPerSecond: 10)), now);
        Assert.Equal((100.0, "concurrency", "10 requests per second at full concurrency"), (forecast.RemainingSeconds, forecast.Constraint, forecast.Reason));
    }

    [Fact]
    public void What_waits_for_its_last_attempt_is_waited_for()
    {
        var input = Input(0) with { Work = new RemainingWork([new RemainingItems(4, 1, TimeSpan.FromSeconds(200))], 0, 0, IsAtLeast: false) };
        var forecast = Forecast.Of(input, now);
        Assert.Equal((200.0, 1, "retry", "retry delays"), (forecast.RemainingSeconds, forecast.RemainingRequests, forecast.Constraint, forecast.Reason));
    }

    [Fact]
    public void Pages_and_the_items_on_them_count_as_far_as_they_are_known()
    {
        var forecast = Forecast.Of(Input(0) with { Work = new RemainingWork([], Pages: 3, ItemsToCome: 300, IsAtLeast: true) }, now);
        Assert.Equal((303, true), (forecast.RemainingRequests, forecast.IsAtLeast));
    }

    [Fact]
    public void Beyond_what_is_laid_out_the_pace_goes_on()
    {
        LimitOptions[] limits = [new() { Permits = 1000, Window = TimeSpan.FromSeconds(1) }];
        Assert.Equal(2999.0, Schedule.EndOf(3_000_000, limits, LedgerReading.Empty, []).TotalSeconds, 0.001);
    }

    private static ForecastInput Input(long items, Experience? experience = null) => new(
        new RemainingWork([new RemainingItems(0, items, TimeSpan.Zero)], 0, 0, IsAtLeast: false), experience ?? new Experience(0, 0, null), delays,
        shipped, LedgerReading.Empty, [], []);

    /// <summary>An import of the items under the permit rule, whose attempts fail by chance and are repeated after the delays.</summary>
    private static (long Requests, TimeSpan End) Simulate(int items, double share, Random random)
    {
        var rule = new PermitRule(shipped);
        var due = new PriorityQueue<int, long>();
        due.EnqueueRange(Enumerable.Repeat((0, 0L), items));
        var (requests, last) = (0L, 0L);
        while (due.TryDequeue(out var failures, out var earliest))
        {
            requests++;
            last = rule.Send(earliest, latency: 0);
            if (random.NextDouble() < share && failures < delays.Length)
                due.Enqueue(failures + 1, last + delays[failures].Ticks);
        }

        return (requests, new TimeSpan(last));
    }

    private static void Hold(Arbitrary<Scenario> scenarios, Action<Scenario> property) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(200), Prop.ForAll(scenarios, property));

    private static Arbitrary<Scenario> Scenarios() => (
        from tiers in Gen.Choose(1, 3)
        from permits in Gen.Choose(1, 30).ArrayOf(tiers)
        from windows in Gen.Choose(1, 100).ArrayOf(tiers)
        from requests in Gen.Choose(1, 120)
        from ages in Gen.Choose(0, 120).ListOf()
        from inFlight in Gen.Choose(0, 5)
        from closed in Gen.Choose(-50, 50)
        from seed in Gen.Choose(0, int.MaxValue)
        select new Scenario(
            [.. permits.Zip(windows, (permits, window) => new LimitOptions { Permits = permits, Window = TimeSpan.FromSeconds(window) })],
            new LedgerReading(
                TimeSpan.FromSeconds(Math.Max(0, closed)), inFlight,
                [.. ages.OrderDescending().Select(age => new LedgerUse(TimeSpan.FromSeconds(age), 1))]),
            requests, seed)).ToArbitrary();

    private sealed record Scenario(LimitOptions[] Limits, LedgerReading Ledger, int Requests, int Seed);
}
