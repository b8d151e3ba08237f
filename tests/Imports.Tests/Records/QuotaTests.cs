using Npgsql;
using Sluice.Contracts;
using Sluice.ImportTests.World;
using Sluice.RateLimiting;
using Sluice.Sources.Records;
using Sluice.Testing;

namespace Sluice.ImportTests.Records;

/// <summary>Quotas, as they are counted in PostgreSQL.</summary>
public sealed class QuotaTests(Servers servers)
{
    private static readonly DateTimeOffset End = new(2040, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Several_processes_at_once_never_charge_more_than_there_is_and_what_is_given_back_is_charged_again()
    {
        await using var api = await FakeApi.StartAsync();
        await using var system = await ImportSystem.StartAsync(servers, api, workers: 0);
        await using var other = NpgsqlDataSource.Create(system.Settings["ConnectionStrings:imports"]!);
        QuotaPeriod[] periods = [new("day 1", QuotaKind.Day, 50, End), new("month 1", QuotaKind.Month, 1000, End)];
        PostgresLedgerJournal[] journals = [new(system.Database), new(other)];

        var charges = await Task.WhenAll(Enumerable.Range(0, 16).Select(number => Charge(journals[number % 2], periods, 7))).Within();
        Assert.Equal(50, charges.Sum(charge => charge.Granted));
        Assert.Contains(charges, charge => charge.Granted is > 0 and < 7);
        Assert.Equal([50, 50], (await Charge(journals[0], periods, 1)).Used);

        var back = await Charge(journals[0], periods, -3);
        Assert.Equal((-3, 47), (back.Granted, back.Used[0]));
        Assert.Equal(3, (await Charge(journals[1], periods, 7)).Granted);
        // Another day, the same month.
        Assert.Equal([7, 57], (await Charge(journals[1], [periods[0] with { Key = "day 2" }, periods[1]], 7)).Used);
    }

    [Fact]
    public async Task An_import_sends_no_more_than_its_quota_allows()
    {
        await using var api = await FakeApi.StartAsync(items: 20);
        await using var system = await ImportSystem.StartAsync(servers, api, workers: 2, ("Sources:shop:Quotas:0:Permits", "6"), ("Sources:shop:Quotas:0:Period", "Month"));
        await system.ImportAsync();
        await Deadline.UntilAsync(async () => await UsedAsync(system) == 6, "the quota to be used up", cancellationToken: Stop);
        await Deadline.UntilAsync(() => Task.FromResult(api.Requests == 6), "the requests", cancellationToken: Stop);
        // Whoever comes now finds it so.
        await Deadline.UntilAsync(
            async () =>
            {
                await using var command = system.Database.CreateCommand("select count(*) from imported_items where status = 'pending' and failure_count = 0");
                return (long)(await command.ExecuteScalarAsync(Stop))! == 15;
            },
            "15 items that wait", cancellationToken: Stop);
        Assert.Equal(6, api.Requests);
    }

    [Fact]
    public async Task A_period_that_begins_takes_those_with_it_that_nobody_asks_for_any_more_and_no_others()
    {
        await using var api = await FakeApi.StartAsync();
        await using var system = await ImportSystem.StartAsync(servers, api, workers: 0);
        PostgresLedgerJournal journal = new(system.Database);
        // Long past, for the database's clock: the periods count by the service's.
        QuotaPeriod Day(int number) => new($"day {number}", QuotaKind.Day, 50, new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero).AddDays(number));

        await Charge(journal, [Day(1)], 50);
        await Charge(journal, [Day(2)], 20);
        // Somebody who is late.
        Assert.Equal((0, 50), ((await Charge(journal, [Day(1)], 1)).Granted, (await Charge(journal, [Day(1)], 1)).Used[0]));
        Assert.Equal([21], (await Charge(journal, [Day(2)], 1)).Used);

        await Charge(journal, [Day(42)], 1);
        await using var command = system.Database.CreateCommand("select string_agg(period, ', ' order by ends_at) from quota_uses");
        Assert.Equal("day 2, day 42", await command.ExecuteScalarAsync(Stop));
    }

    [Fact]
    public async Task Late_word_of_a_quota_that_an_import_has_waited_for_does_not_pause_it_again()
    {
        await using var api = await FakeApi.StartAsync();
        var clock = new MovedClock(End);
        await using var system = await ImportSystem.StartAsync(servers, api, clock, workers: 0);
        var id = await system.ImportAsync();
        ImportPause pause = new(system.Database, clock);

        // Let go by an operator, it finds the quota as it was.
        Assert.True(await pause.PauseForQuotaAsync(id, "Used up.", End + TimeSpan.FromDays(1), Stop));
        Assert.True(await pause.ResumeAsync(id, Stop));
        Assert.True(await pause.PauseForQuotaAsync(id, "Used up.", End + TimeSpan.FromDays(1), Stop));

        clock.PutForward(TimeSpan.FromDays(1));
        await system.UntilAsync(id, import => import.Status == ImportStatus.Running, "a new day");
        Assert.False(await pause.PauseForQuotaAsync(id, "Yesterday's is used up.", End + TimeSpan.FromDays(1), Stop));
        Assert.True(await pause.PauseForQuotaAsync(id, "Today's is used up.", End + TimeSpan.FromDays(2), Stop));
    }

    private static async Task<QuotaCharge> Charge(PostgresLedgerJournal journal, IReadOnlyList<QuotaPeriod> periods, int requests) =>
        await journal.ChargeAsync("account", periods, requests, Stop);

    private static async Task<long> UsedAsync(ImportSystem system)
    {
        await using var command = system.Database.CreateCommand("select coalesce(max(used), 0) from quota_uses");
        return (long)(await command.ExecuteScalarAsync(Stop))!;
    }
}
