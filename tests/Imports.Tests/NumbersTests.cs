using Microsoft.Extensions.Logging.Abstractions;
using Sluice.ImportOrchestrator.Api;
using Sluice.ImportTests.World;
using Sluice.RateLimiting;
using Sluice.Sources.Options;
using Sluice.Sources.Records;
using Sluice.Testing;

namespace Sluice.ImportTests;

public sealed class NumbersTests(Servers servers)
{
    private static readonly LimitOptions[] shipped =
        [new() { Permits = 500, Window = TimeSpan.FromSeconds(20) }, new() { Permits = 2000, Window = TimeSpan.FromSeconds(100) }];

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(500, 0)]
    [InlineData(501, 20)]
    [InlineData(1000, 20)]
    [InlineData(2020, 100)]
    [InlineData(4000, 160)]
    [InlineData(5000, 220)]
    [InlineData(10000, 460)]
    public void The_least_time_for_so_many_requests_is_that_of_the_fastest_schedule(long requests, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), TheoreticalTime.Of(requests, shipped));

    [Fact]
    public async Task Waits_that_overlap_count_once_and_only_with_their_union()
    {
        await using var api = await FakeApi.StartAsync();
        await using var system = await ImportSystem.StartAsync(servers, api, workers: 0);
        var id = await EndedImportAsync(system);
        var time = new FakeTimeProvider();
        using var recorder = new WaitRecorder(system.Database, time, NullLogger<WaitRecorder>.Instance);

        // 10 to 14 s and 12 to 17 s are one sleep of 7 s; 20 to 23 s another. The second import's is none of this one's.
        foreach (var (tag, from, to) in new[] { (id, 10, 14), (id, 12, 17), (id, 20, 23), (Guid.NewGuid(), 30, 40) })
            recorder.Waited(new OutboundWait("shop", $"{tag}", WaitCause.Ledger, time.GetTimestamp() + Ticks(from), time.GetTimestamp() + Ticks(to)));
        recorder.Refused(new OutboundRefusal("shop", $"{id}", TimeSpan.FromSeconds(2)));
        time.Advance(TimeSpan.FromSeconds(60));
        await recorder.FlushAsync(TestContext.Current.CancellationToken);

        var import = await system.FindAsync(id);
        Assert.Equal((2, 1), (import.RateLimitSleepsCount, import.RateLimitHitsCount));
        Assert.Equal(10, import.TotalSleepSeconds, 0.01);
        Assert.Equal(2.0 / 3, import.Efficiency, 0.001);
    }

    [Fact]
    public async Task An_import_without_waits_is_fully_efficient()
    {
        await using var api = await FakeApi.StartAsync();
        await using var system = await ImportSystem.StartAsync(servers, api, workers: 0);

        var import = await system.FindAsync(await EndedImportAsync(system));
        Assert.Equal((0, 0, 1.0), (import.RateLimitHitsCount, import.RateLimitSleepsCount, import.Efficiency));
        Assert.Equal(90, import.DurationSeconds, 0.01);
        Assert.Equal(90, import.ActiveSeconds, 0.01);
    }

    [Fact]
    public async Task The_forecast_knows_the_rows_the_ledger_and_the_limit_that_binds()
    {
        await using var api = await FakeApi.StartAsync(items: 20);
        await using var system = await ImportSystem.StartAsync(servers, api, 1, ("Sources:shop:Limits:0:Permits", "10"), ("Sources:shop:Limits:0:Window", "01:00:00"));
        var id = await system.ImportAsync();
        await system.UntilAsync(id, import => import.ImportedCount == 9, "the limit is used up");

        // 11 are left: 10 in an hour, and one in two.
        var forecast = (await system.UntilAsync(id, import => import.Forecast!.RemainingSeconds > 7000, "the ledger knows of the last response")).Forecast!;
        Assert.Equal((11, false, "limit", "10 per 1 h"), (forecast.RemainingRequests, forecast.IsAtLeast, forecast.Constraint, forecast.Reason));
        Assert.InRange(forecast.RemainingSeconds!.Value, 7000, 7200);

        var paused = (await system.ControlAsync(id, "pause")).Forecast!;
        Assert.Equal((null, 11, "pause", "An operator paused it."), (paused.EndsAt, paused.RemainingRequests, paused.Constraint, paused.Reason));
        Assert.Null((await system.ControlAsync(id, "cancel")).Forecast);
    }

    [Fact]
    public async Task The_journal_knows_an_account_from_its_first_promise_on_and_takes_none_back()
    {
        await using var api = await FakeApi.StartAsync();
        await using var system = await ImportSystem.StartAsync(servers, api, workers: 0);
        var journal = new PostgresLedgerJournal(system.Database);
        Assert.Null(await journal.SinceHorizonAsync("shop", TestContext.Current.CancellationToken));

        await journal.ExtendAsync("shop", TimeSpan.FromHours(2), TestContext.Current.CancellationToken);
        await journal.ExtendAsync("shop", TimeSpan.FromHours(1), TestContext.Current.CancellationToken);
        var since = await journal.SinceHorizonAsync("shop", TestContext.Current.CancellationToken);
        Assert.InRange(since!.Value, TimeSpan.FromHours(-2), TimeSpan.FromHours(-1.5));
        Assert.Null(await journal.SinceHorizonAsync("other", TestContext.Current.CancellationToken));
    }

    private static async Task<Guid> EndedImportAsync(ImportSystem system)
    {
        var id = Guid.NewGuid();
        await system.ExecuteAsync($"""
            insert into imports (id, source, fresh, status, started_at, ended_at)
            values ('{id}', 'shop', false, 'completed', now() - interval '100 seconds', now() - interval '10 seconds')
            """);
        return id;
    }

    private static long Ticks(int seconds) => TimeSpan.FromSeconds(seconds).Ticks;
}
