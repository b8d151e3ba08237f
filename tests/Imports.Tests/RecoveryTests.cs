using Npgsql;
using Sluice.Contracts;
using Sluice.ImportTests.World;
using Sluice.Testing;

namespace Sluice.ImportTests;

public sealed class RecoveryTests(Servers servers)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Items_whose_messages_are_lost_are_published_again()
    {
        await using var api = await FakeApi.StartAsync(items: 60);
        await using var system = await ImportSystem.StartAsync(servers, api, workers: 1, ("Imports:RepublishAfter", "00:00:00.3"));
        await system.StopWorkersAsync();
        var id = await system.ImportAsync();
        await system.UntilAsync(id, import => import.DiscoveryEnded, "discovery ends");
        await system.UntilRowsAsync("select count(*) = 60 from imported_items where dispatched", "all items are published");

        await Broker.PurgeAsync(system);
        await system.StartWorkerAsync();

        await system.AssertCompleteAsync(id, 60);
    }

    [Fact]
    public async Task What_is_published_before_there_ever_was_a_worker_waits_for_one()
    {
        await using var api = await FakeApi.StartAsync();
        await using var system = await ImportSystem.StartAsync(servers, api, workers: 0, ("Imports:RepublishAfter", "01:00:00"));
        var id = await system.ImportAsync();
        await system.UntilAsync(id, import => import.DiscoveryEnded, "discovery ends");

        await system.StartWorkerAsync();

        await system.AssertCompleteAsync(id, 40);
    }

    [Fact]
    public async Task A_page_whose_message_is_lost_is_published_again()
    {
        await using var api = await FakeApi.StartAsync();
        await using var system = await ImportSystem.StartAsync(servers, api);

        // As it stands when the process died between the row and the message.
        var id = Guid.NewGuid();
        await system.ExecuteAsync($"insert into imports (id, source, fresh) values ('{id}', 'shop', false)");

        await system.AssertCompleteAsync(id, 40);
    }

    [Fact]
    public async Task A_worker_that_is_killed_loses_no_item_and_the_server_refuses_nothing()
    {
        var windows = new ArrivalWindows((20, TimeSpan.FromSeconds(0.2)), (60, TimeSpan.FromSeconds(1)));
        await using var api = await FakeApi.StartAsync(items: 150, windows);
        await using var system = await ImportSystem.StartAsync(servers, api, workers: 0,
            ("Sources:shop:Limits:0:Permits", "20"), ("Sources:shop:Limits:0:Window", "00:00:00.2"),
            ("Sources:shop:Limits:1:Permits", "60"), ("Sources:shop:Limits:1:Window", "00:00:01"), ("Sources:shop:Lease", "00:00:03"));
        var (passed, gate) = (0, new Gate());
        api.OnDetail = (context, _, _) => Interlocked.Increment(ref passed) > 20 ? gate.PassAsync(context) : Task.FromResult(false);

        // With all permits held nothing is on its way that could come after its lease's end.
        using var doomed = ServiceProcess.StartWorker(system.Settings);
        var id = await system.ImportAsync();
        await gate.ArrivedAsync(20);
        await doomed.KillAsync();
        gate.Open();
        await system.StartWorkerAsync();

        await system.AssertCompleteAsync(id, 150);
        Assert.Equal(0, api.Refusals);
    }

    [Fact]
    public async Task A_worker_that_stops_leaves_its_items_to_another_at_once()
    {
        await using var api = await FakeApi.StartAsync(items: 60);
        var gate = new Gate();
        api.OnDetail = (context, _, arrived) => arrived == 1 ? gate.PassAsync(context) : Task.FromResult(false);
        await using var system = await ImportSystem.StartAsync(servers, api, workers: 0, ("DetailWorker:Concurrency", "20"), ("Imports:RepublishAfter", "01:00:00"));
        var first = await system.StartWorkerAsync();
        var id = await system.ImportAsync();
        await gate.ArrivedAsync(20);

        await system.StopWorkerAsync(first);
        gate.Open();
        await system.StartWorkerAsync();

        await system.AssertCompleteAsync(id, 60);
    }

    [Fact]
    public async Task Messages_that_come_twice_change_nothing()
    {
        await using var api = await FakeApi.StartAsync(items: 60);
        var gate = new Gate();
        api.OnDetail = (context, _, _) => gate.PassAsync(context);
        await using var system = await ImportSystem.StartAsync(servers, api, workers: 1);
        var id = await system.ImportAsync();
        await gate.ArrivedAsync(60);

        // While each item is in hand, and again when all are done.
        await PublishAllAsync(system, id);
        gate.Open();
        await system.AssertCompleteAsync(id, 60);
        await PublishAllAsync(system, id);
        await system.Bus.PublishAsync(new DiscoverImport(id, 0), new DiscoverImport(id, 1));
        await Broker.UntilEmptyAsync(system);

        await system.AssertCompleteAsync(id, 60);
        Assert.All(api.Details.Values, count => Assert.Equal(1, count));
        Assert.Equal(3, api.Pages.Count());
    }

    [Fact]
    public async Task A_page_whose_message_comes_while_an_earlier_one_is_looked_up_again_is_read()
    {
        await using var api = await FakeApi.StartAsync();
        await using var system = await ImportSystem.StartAsync(servers, api, workers: 1, ("Imports:RepublishPageAfter", "01:00:00"));
        var id = Guid.NewGuid();
        await system.ExecuteAsync($"""
            insert into imports (id, source, fresh, next_discovery_at) values ('{id}', 'shop', false, now() + interval '1 hour');
            insert into import_pages (import_id, number, cursor, next_cursor, items_listed, items_new) values ('{id}', 1, '1', '2', 20, 20);
            insert into imported_items (import_id, external_id, page_number) select '{id}', number::text, 1 from generate_series(1, 20) as number;
            """);

        await using (var connection = await system.Database.OpenConnectionAsync(Cancellation))
        {
            await using var transaction = await connection.BeginTransactionAsync(Cancellation);
            await using var held = new NpgsqlCommand("lock table import_pages in access exclusive mode", connection);
            await held.ExecuteNonQueryAsync(Cancellation);
            foreach (var pagesDone in (int[])[0, 1])
            {
                await system.Bus.PublishAsync(new DiscoverImport(id, pagesDone));
                await Broker.UntilEmptyAsync(system);
            }
        }

        await system.AssertCompleteAsync(id, 40);
        Assert.Equal(["/list?page=2&size=20"], api.Pages);
    }

    [Fact]
    public async Task An_import_whose_last_writer_died_is_ended_by_the_sweep()
    {
        await using var api = await FakeApi.StartAsync();
        await using var system = await ImportSystem.StartAsync(servers, api, workers: 0);
        var id = Guid.NewGuid();
        await system.ExecuteAsync($"""
            insert into imports (id, source, fresh, discovery_ended_at) values ('{id}', 'shop', false, now());
            insert into imported_items (import_id, external_id, page_number, status) values ('{id}', '1', 1, 'imported'), ('{id}', '2', 1, 'failed');
            """);

        var import = await system.UntilCompletedAsync(id);
        Assert.Equal((2, 1, 1), (import.TotalCount, import.ImportedCount, import.FailedCount));
        Assert.Equal(0, api.Requests);
    }

    [Fact]
    public async Task An_orchestrator_that_starts_again_goes_on_where_the_last_was()
    {
        await using var api = await FakeApi.StartAsync(items: 100);
        var gate = new Gate();
        var arrived = 0;
        api.OnPage = (context, page) => page == 3 && ++arrived == 1 ? gate.PassAsync(context) : Task.FromResult(false);
        await using var system = await ImportSystem.StartAsync(servers, api, 1, ("Imports:RepublishPageAfter", "01:00:00"));
        var id = await system.ImportAsync();
        await gate.ArrivedAsync();

        await system.StopOrchestratorAsync();
        await system.StartOrchestratorAsync();

        await system.AssertCompleteAsync(id, 100);
        Assert.Equal((2, 5), (arrived, api.Pages.Count()));
    }

    [Fact]
    public async Task An_orchestrator_that_is_killed_over_a_page_reads_no_earlier_page_again()
    {
        await using var api = await FakeApi.StartAsync(items: 100);
        var gate = new Gate();
        var arrived = 0;
        api.OnPage = (context, page) => page == 3 && ++arrived == 1 ? gate.PassAsync(context) : Task.FromResult(false);
        await using var system = await ImportSystem.StartAsync(servers, api, 1, ("Imports:RepublishPageAfter", "00:00:03"));
        await system.StopOrchestratorAsync();
        using var doomed = ServiceProcess.StartOrchestrator(system.Settings);
        var id = Guid.NewGuid();
        await system.ExecuteAsync($"insert into imports (id, source, fresh) values ('{id}', 'shop', false)");
        await gate.ArrivedAsync();

        await doomed.KillAsync();
        await system.StartOrchestratorAsync();

        await system.AssertCompleteAsync(id, 100);
        Assert.Equal((2, 5), (arrived, api.Pages.Count()));
    }

    [Fact]
    public async Task Two_orchestrators_share_the_work_and_neither_repeats_the_others()
    {
        await using var api = await FakeApi.StartAsync(items: 200);
        var gate = new Gate();
        api.OnPage = (context, page) => page == 3 ? gate.PassAsync(context) : Task.FromResult(false);
        api.OnDetail = (context, id, attempt) =>
        {
            var fails = attempt == 1 && id.EndsWith('3');
            if (fails)
                context.Response.StatusCode = 503;
            return Task.FromResult(fails);
        };
        await using var system = await ImportSystem.StartAsync(servers, api, 2, ("Imports:RepublishPageAfter", "00:00:08"), ("Imports:Outstanding", "30"));
        await system.StartOtherOrchestratorAsync();
        var id = await system.ImportAsync();

        // The page takes longer than the time after which its message counts as lost.
        await gate.ArrivedAsync();
        await system.UntilRowsAsync("select next_discovery_at > started_at + interval '16 seconds' from imports", "the page is kept from falling due");
        gate.Open();

        await system.AssertCompleteAsync(id, 200);
        Assert.Equal(10, api.Pages.Count());
        Assert.All(api.Details, item => Assert.Equal((item.Key, item.Key.EndsWith('3') ? 2 : 1), (item.Key, item.Value)));
    }

    [Fact]
    public async Task A_looping_list_ends_its_import_also_when_the_orchestrator_died_over_it()
    {
        await using var api = await FakeApi.StartAsync();
        await using var system = await ImportSystem.StartAsync(servers, api, workers: 0,
            ("Sources:shop:List:Style", "Cursor"), ("Sources:shop:List:Path", "list?cursor={cursor}&size={size}"), ("Sources:shop:List:NextCursor", "meta.next"));
        var id = Guid.NewGuid();
        await system.ExecuteAsync($"""
            insert into imports (id, source, fresh) values ('{id}', 'shop', false);
            insert into import_pages (import_id, number, cursor, next_cursor, items_listed, items_new) values ('{id}', 1, '', 'c20', 1, 1), ('{id}', 2, 'c20', 'c20', 1, 1);
            """);

        var import = await system.UntilEndedAsync(id);
        Assert.Equal((ImportStatus.Failed, "The list loops: page 2 leads back to pages that were read before."), (import.Status, import.FailureReason));
        Assert.Equal(0, api.Requests);
    }

    [Fact]
    public async Task A_Redis_that_comes_back_empty_leads_to_no_refusal()
    {
        await using var redis = await RedisServer.StartAsync(Deadline.Token());
        var windows = new ArrivalWindows((30, TimeSpan.FromSeconds(1)));
        await using var api = await FakeApi.StartAsync(items: 100, windows);
        await using var system = await ImportSystem.StartAsync(servers, api, workers: 2,
            ("ConnectionStrings:redis", redis.ConnectionString), ("Sources:shop:Lease", "00:00:03"), ("Sources:shop:List:PageSize", "100"),
            ("Sources:shop:Limits:0:Permits", "30"), ("Sources:shop:Limits:0:Window", "00:00:01"));
        var gate = new Gate();
        api.OnDetail = (context, _, _) => gate.PassAsync(context);
        var id = await system.ImportAsync();

        // With all permits used nothing is on its way that could come after its lease's end: one for the page, and 29.
        await gate.ArrivedAsync(29);
        await redis.KillAsync();
        gate.Open();
        await redis.RestartAsync(Cancellation);

        await system.AssertCompleteAsync(id, 100);
        Assert.Equal(0, api.Refusals);
    }

    [Fact]
    public async Task A_database_that_crashes_is_waited_for_and_nothing_is_fetched_twice()
    {
        await using var postgres = await PostgresServer.StartAsync(Deadline.Token());
        await using var api = await FakeApi.StartAsync(items: 60);
        var gate = new Gate();
        api.OnDetail = (context, _, _) => gate.PassAsync(context);
        await using var system = await ImportSystem.StartAsync(servers, api, workers: 1,
            ("ConnectionStrings:imports", await postgres.CreateDatabaseAsync(cancellationToken: Cancellation)));
        var id = await system.ImportAsync();
        await gate.ArrivedAsync(60);

        await postgres.KillAsync();
        gate.Open();
        await postgres.RestartAsync(Cancellation);

        await Deadline.UntilAsync(() => system.AnswersAsync(), "the database answers", cancellationToken: Cancellation);
        await system.AssertCompleteAsync(id, 60);
        Assert.All(api.Details.Values, count => Assert.Equal(1, count));
    }

    private static Task PublishAllAsync(ImportSystem system, Guid id) =>
        system.Bus.PublishAsync([.. Enumerable.Range(1, 60).SelectMany(item => Enumerable.Repeat(new FetchItemDetail(id, $"{item}", 0), 2))]);
}
