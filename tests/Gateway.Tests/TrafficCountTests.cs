using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using Sluice.Gateway.Limits;
using Sluice.Gateway.Traffic;
using Sluice.RateLimiting;
using Sluice.Testing;

namespace Sluice.Gateway.Tests;

/// <summary>Counting in process, and how long it is kept.</summary>
public sealed class TrafficCountTests(PostgresFixture postgres)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_is_lost_or_counted_twice_while_many_count_and_one_takes()
    {
        const int Callers = 4, Each = 20_000;
        var stripe = new TrafficStripe();
        var terms = Terms();
        var total = new Dictionary<RowKey, Tally>();
        var latencies = new Dictionary<LatencyKey, long>();

        var callers = Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(
            () =>
            {
                for (var number = 0; number < Each; number++)
                {
                    stripe.Count(new("route", terms, $"client-{number % 7}"), caller == 0 ? Outcome.Blocked : Outcome.Allowed, null);
                    stripe.CountLatency("route", TimeSpan.FromMilliseconds(number % 100));
                }
            },
            Stop)));
        while (!callers.IsCompleted)
        {
            stripe.TakeInto(total, latencies);
            await Task.Yield();
        }

        stripe.TakeInto(total, latencies);
        Assert.Equal(Each, total.Where(row => row.Key.Outcome == Outcome.Blocked).Sum(row => row.Value.Requests));
        Assert.Equal(Callers * Each, total.Values.Sum(row => row.Requests));
        Assert.Equal(Callers * Each, latencies.Values.Sum());
        Assert.Equal(7, total.Keys.Select(key => key.Client).Distinct().Count());
    }

    [Fact]
    public void More_clients_than_there_is_room_for_count_together_until_the_next_interval()
    {
        var stripe = new TrafficStripe();
        var terms = Terms();
        var first = new Dictionary<RowKey, Tally>();
        var second = new Dictionary<RowKey, Tally>();

        for (var number = 0; number < 10_000; number++)
            stripe.Count(new("route", terms, $"client-{number}"), Outcome.Allowed, null);
        stripe.TakeInto(first, []);
        stripe.Count(new("route", terms, "late"), Outcome.Blocked, null);
        stripe.TakeInto(second, []);

        Assert.Equal(10_000, first.Values.Sum(row => row.Requests));
        Assert.Equal(4097, first.Count);
        Assert.Equal(10_000 - 4096, first.Single(row => row.Key.Client == BusiestClients.Others).Value.Requests);
        Assert.Equal("late", Assert.Single(second).Key.Client);
    }

    [Fact]
    public async Task Beyond_the_busiest_clients_the_rest_count_together_in_the_second_that_they_came()
    {
        var time = new FakeTimeProvider(new(2026, 1, 1, 12, 0, 7, 900, TimeSpan.Zero));
        var recorder = new TrafficRecorder(Options.Create(new TrafficOptions { Clients = 2 }), time);
        var limiter = Limiter();
        var terms = new LimitedPolicy(limiter.Policies.Single()).For(null);

        foreach (var (client, requests) in ((string, int)[])[("seldom", 1), ("often", 12), ("sometimes", 3), ("rarely", 2)])
            for (var number = 0; number < requests; number++)
                recorder.Record("route", terms, client, await limiter.AcquireAsync("policy", client, cancellationToken: Stop));
        time.Advance(TimeSpan.FromSeconds(1));
        var batch = recorder.Take();

        Assert.Equal(new(2026, 1, 1, 12, 0, 7, TimeSpan.Zero), batch.At);
        Assert.Equal(
            [
                ("(other)", Outcome.Allowed, new(3, 3, 30, 26)), ("often", Outcome.Allowed, new(10, 10, 100, 45)),
                ("often", Outcome.Blocked, new(2, 2, 20, 0)), ("sometimes", Outcome.Allowed, new Tally(3, 3, 30, 24)),
            ],
            batch.Rows.Select(row => (row.Key.Client, row.Key.Outcome, row.Value)).Order(Comparer<(string, Outcome, Tally)>.Create(
                (one, other) => string.CompareOrdinal($"{one.Item1} {one.Item2}", $"{other.Item1} {other.Item2}"))));
        Assert.True(recorder.Take().IsEmpty);
    }

    [Theory]
    [InlineData(0.05)]
    [InlineData(1)]
    [InlineData(7.5)]
    [InlineData(90)]
    [InlineData(12_345)]
    public void A_percentile_is_within_an_eighth_of_what_it_was(double milliseconds)
    {
        var counts = new long[LatencyScale.Buckets];
        for (var number = 1; number <= 1000; number++)
            counts[LatencyScale.BucketOf(TimeSpan.FromMilliseconds(milliseconds * (1 + number / 1000.0)))]++;

        var (half, most) = (LatencyScale.PercentileMs(counts, 0.5)!.Value, LatencyScale.PercentileMs(counts, 0.99)!.Value);

        Assert.InRange(half, milliseconds * 1.5 * 0.875, milliseconds * 1.5 * 1.125);
        Assert.InRange(most, milliseconds * 1.99 * 0.875, milliseconds * 1.99 * 1.125);
    }

    [Fact]
    public async Task Figures_go_when_they_are_older_than_they_are_kept()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.Server.CreateDatabaseAsync(cancellationToken: Stop));
        using (var sql = new StreamReader(typeof(TrafficOptions).Assembly.GetManifestResourceStream("001_traffic.sql")!))
            await RunAsync(database, await sql.ReadToEndAsync(Stop));
        var time = new FakeTimeProvider();
        var options = Options.Create(new TrafficOptions());
        foreach (var (table, age) in ((string, TimeSpan)[])[("traffic_seconds", options.Value.KeepSeconds), ("traffic_minutes", options.Value.KeepMinutes)])
            await RunAsync(
                database,
                $"insert into {table} select $1 - make_interval(secs => number), 'r', 'p', 's', 'c', 'allowed', 1, 0, 0, 0 from generate_series(1, 20000) as number",
                time.GetUtcNow() - age + TimeSpan.FromSeconds(100));

        using var retention = new TrafficRetention(database, options, time, NullLogger<TrafficRetention>.Instance);
        await retention.StartAsync(Stop);
        await Deadline.UntilAsync(() => Task.FromResult(time.PendingTimers > 0), "the retention waits", cancellationToken: Stop);
        time.Advance(TimeSpan.FromMinutes(1));

        // A minute later 40 of the hundred that were young enough still are.
        foreach (var table in (string[])["traffic_seconds", "traffic_minutes"])
            await Deadline.UntilAsync(async () => await CountAsync(table) == 40, $"old rows of {table} are gone", cancellationToken: Stop);
        await retention.StopAsync(Stop);

        async Task<long> CountAsync(string table)
        {
            await using var command = database.CreateCommand($"select count(*) from {table}");
            return (long)(await command.ExecuteScalarAsync(Stop))!;
        }
    }

    private static async Task RunAsync(NpgsqlDataSource database, string sql, params object[] values)
    {
        await using var command = database.CreateCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        await command.ExecuteNonQueryAsync(Stop);
    }

    private static LimitedPolicy.Terms Terms() => new LimitedPolicy(Limiter().Policies.Single()).For(null);

    private static LocalRateLimiter Limiter() =>
        new(new RateLimitOptions().AddPolicy("policy", policy => policy.TokenBucket(10, TimeSpan.FromHours(1))));
}
