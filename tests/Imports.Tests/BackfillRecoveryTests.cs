using Sluice.Contracts;
using Sluice.ImportTests.World;
using Sluice.Testing;

namespace Sluice.ImportTests;

public sealed class BackfillRecoveryTests(Servers servers)
{
    private const int DaysOfYear = 365;
    private const int PagesOfDay = 3;

    private static readonly DateOnly first = new(2025, 1, 1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_year_whose_worker_and_orchestrator_are_killed_goes_on_without_fetching_a_finished_page_again()
    {
        // Fewer in flight than a window has permits: what a killed worker held stays charged for a while.
        var windows = new ArrivalWindows((80, TimeSpan.FromSeconds(0.2)), (300, TimeSpan.FromSeconds(1)));
        await using var api = await FakeApi.StartAsync(limits: windows);
        await using var system = await ImportSystem.StartAsync(servers, api, workers: 0,
            ("Sources:diary:Limits:0:Permits", "80"), ("Sources:diary:Limits:0:Window", "00:00:00.2"),
            ("Sources:diary:Limits:1:Permits", "300"), ("Sources:diary:Limits:1:Window", "00:00:01"),
            ("Sources:diary:Lease", "00:00:05"), ("Imports:RepublishAfter", "00:00:05"));
        var (asked, gate) = (0, new Gate());
        api.Records.OnPage = (context, _, _, _) => Interlocked.Increment(ref asked) > 1000 ? gate.PassAsync(context) : Task.FromResult(false);
        var id = await system.BackfillAsync("2025-01-01", "2025-12-31");
        await system.StopOrchestratorAsync();

        Dictionary<(string Date, int Page), int> finished = [];
        foreach (var pages in (int[])[250, 650])
        {
            using var orchestrator = ServiceProcess.StartOrchestrator(system.Settings);
            using var worker = ServiceProcess.StartWorker(system.Settings);
            await system.UntilRowsAsync($"select count(*) >= {pages} from backfill_pages", $"{pages} pages are done");
            await Task.WhenAll(worker.KillAsync(), orchestrator.KillAsync());
            Assert.All(finished, page => Assert.Equal(page.Value, api.Records.Pages[page.Key]));
            finished = (await FinishedAsync(system)).ToDictionary(page => page, page => api.Records.Pages[page]);
        }

        gate.Open();
        await system.StartOrchestratorAsync();
        await system.StartWorkerAsync();
        var backfill = await system.UntilBackfilledAsync(id);

        Assert.InRange(finished.Count, 650, DaysOfYear * PagesOfDay - 1);
        Assert.All(finished, page => Assert.Equal(page.Value, api.Records.Pages[page.Key]));
        Assert.Equal(DaysOfYear * PagesOfDay, api.Records.Pages.Count);

        // Asked for twice: only what was on the wire when the worker was killed.
        Assert.All(api.Records.Pages, page => Assert.InRange(page.Value, 1, 3));
        Assert.InRange(api.Records.Pages.Count(page => page.Value > 1), 0, 2 * 16);
        Assert.Equal((DaysOfYear, 0, 0), (backfill.ImportedCount, backfill.FailedCount, backfill.PendingCount));
        Assert.Equal((DaysOfYear * PagesOfDay, DaysOfYear * 25, DaysOfYear * 25), (backfill.PagesCount, backfill.RecordsCount, backfill.NewRecordsCount));
        await system.AssertRecordsAsync(api.Records, first, DaysOfYear);
        Assert.Equal(0, api.Refusals);
    }

    [Fact]
    public async Task Days_whose_messages_are_lost_or_come_twice_are_fetched_once()
    {
        await using var api = await FakeApi.StartAsync();
        await using var system = await ImportSystem.StartAsync(servers, api, workers: 1, ("Imports:RepublishAfter", "00:00:00.3"));
        await system.StopWorkersAsync();
        var id = await system.BackfillAsync();
        await system.UntilRowsAsync("select count(*) = 10 from imported_items where dispatched", "all days are published");

        await Broker.PurgeAsync(system);
        var gate = new Gate();
        api.Records.OnPage = (context, _, page, _) => page == 2 ? gate.PassAsync(context) : Task.FromResult(false);
        await system.StartWorkerAsync();
        await gate.ArrivedAsync(10);
        var twice = Enumerable.Range(0, 10).Select(day => new FetchDay(id, first.AddDays(day), 0)).ToArray();
        await system.Bus.PublishAsync(twice);
        gate.Open();
        await system.UntilBackfilledAsync(id);
        await system.Bus.PublishAsync(twice);
        await Broker.UntilEmptyAsync(system);

        await system.AssertRecordsAsync(api.Records, first, 10);
        Assert.All(api.Records.Pages.Values, count => Assert.Equal(1, count));
    }

    [Fact]
    public async Task A_database_that_crashes_is_waited_for_and_no_page_is_fetched_twice()
    {
        await using var postgres = await PostgresServer.StartAsync(Deadline.Token());
        await using var api = await FakeApi.StartAsync();
        var gate = new Gate();
        api.Records.OnPage = (context, _, page, _) => page == 2 ? gate.PassAsync(context) : Task.FromResult(false);
        await using var system = await ImportSystem.StartAsync(servers, api, workers: 1,
            ("ConnectionStrings:imports", await postgres.CreateDatabaseAsync(cancellationToken: Cancellation)));
        var id = await system.BackfillAsync();
        await gate.ArrivedAsync(10);

        await postgres.KillAsync();
        gate.Open();
        await postgres.RestartAsync(Cancellation);

        await Deadline.UntilAsync(() => system.AnswersAsync(), "the database answers", cancellationToken: Cancellation);
        await system.UntilBackfilledAsync(id);
        await system.AssertRecordsAsync(api.Records, first, 10);
        Assert.All(api.Records.Pages.Values, count => Assert.Equal(1, count));
    }

    [Fact]
    public async Task A_worker_that_stops_leaves_its_days_to_another_at_once_from_the_page_where_it_was()
    {
        await using var api = await FakeApi.StartAsync();
        var gate = new Gate();
        api.Records.OnPage = (context, _, page, arrived) => (page, arrived) == (2, 1) ? gate.PassAsync(context) : Task.FromResult(false);
        await using var system = await ImportSystem.StartAsync(servers, api, workers: 0, ("Imports:RepublishAfter", "01:00:00"));
        var worker = await system.StartWorkerAsync();
        var id = await system.BackfillAsync();
        await gate.ArrivedAsync(10);

        await system.StopWorkerAsync(worker);
        gate.Open();
        await system.StartWorkerAsync();

        await system.UntilBackfilledAsync(id);
        await system.AssertRecordsAsync(api.Records, first, 10);
        Assert.All(api.Records.Pages, page => Assert.Equal(page.Key.Page == 2 ? 2 : 1, page.Value));
    }

    /// <summary>The pages whose records and checkpoint are in the database.</summary>
    private static async Task<List<(string Date, int Page)>> FinishedAsync(ImportSystem system)
    {
        await using var command = system.Database.CreateCommand("select to_char(date, 'YYYY-MM-DD'), number from backfill_pages");
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        List<(string, int)> finished = [];
        while (await reader.ReadAsync(Cancellation))
            finished.Add((reader.GetString(0), reader.GetInt32(1)));
        return finished;
    }
}
