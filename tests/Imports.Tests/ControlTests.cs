using System.Net;
using Microsoft.AspNetCore.Http;
using Sluice.Contracts;
using Sluice.ImportTests.World;
using Sluice.Testing;

namespace Sluice.ImportTests;

public sealed class ControlTests(Servers servers)
{
    [Fact]
    public async Task A_paused_import_sends_nothing_more_keeps_what_was_on_the_wire_and_goes_on_where_it_was()
    {
        await using var api = await FakeApi.StartAsync(items: 100);
        var gate = new Gate();
        api.OnDetail = (context, _, _) => gate.PassAsync(context);
        await using var system = await ImportSystem.StartAsync(servers, api, 1, ("DetailWorker:Concurrency", "10"));
        var id = await system.ImportAsync();
        await gate.ArrivedAsync(10);
        await system.UntilAsync(id, import => import.DiscoveryEnded, "discovery ends");

        var paused = await system.ControlAsync(id, "pause");
        Assert.Equal((ImportStatus.Paused, "operator", null), (paused.Status, paused.PauseCause, paused.ResumesAt));
        gate.Open();
        await Broker.UntilEmptyAsync(system);
        await system.UntilAsync(id, import => import.ImportedCount == 10, "what was on the wire is written");
        Assert.Equal((10, ImportStatus.Paused), (api.Details.Count, (await system.FindAsync(id)).Status));

        gate = new Gate();
        var resumed = await system.ControlAsync(id, "resume");
        Assert.Equal((ImportStatus.Running, null, null), (resumed.Status, resumed.PausedAt, resumed.PauseReason));
        gate.Open();
        await system.AssertCompleteAsync(id, 100);
        Assert.All(api.Details.Values, count => Assert.Equal(1, count));

        var import = await system.FindAsync(id);
        var wait = Assert.Single(import.Waits, wait => wait.Cause == "operator");
        Assert.InRange(import.ActiveSeconds, 0, import.DurationSeconds - wait.Seconds + 0.01);
        AssertNoSleepForLimits(import);
    }

    [Fact]
    public async Task What_is_on_the_wire_when_an_import_is_paused_and_goes_on_is_not_asked_for_again()
    {
        await using var api = await FakeApi.StartAsync(items: 30);
        var (page, details) = (new Gate(), new Gate());
        api.OnPage = (context, number) => number == 2 ? page.PassAsync(context) : Task.FromResult(false);
        api.OnDetail = (context, id, _) => int.Parse(id, null) <= 10 ? details.PassAsync(context) : Task.FromResult(false);
        await using var system = await ImportSystem.StartAsync(servers, api, 1, ("DetailWorker:Concurrency", "10"));
        var id = await system.ImportAsync();
        await page.ArrivedAsync();
        await details.ArrivedAsync(10);
        await system.StartOtherOrchestratorAsync();
        await system.StartWorkerAsync();

        await system.ControlAsync(id, "pause");
        await system.ControlAsync(id, "resume");
        await system.UntilAsync(id, import => import.ImportedCount == 10, "the others go on");
        details.Open();
        page.Open();
        await system.AssertCompleteAsync(id, 30);
        Assert.Equal(2, api.Pages.Count());
        Assert.All(api.Details.Values, count => Assert.Equal(1, count));
    }

    [Fact]
    public async Task What_waits_for_a_permit_goes_back_when_its_import_is_paused()
    {
        await using var api = await FakeApi.StartAsync(items: 20);
        await using var system = await ImportSystem.StartAsync(servers, api, 1,
            ("DetailWorker:Concurrency", "10"), ("Sources:shop:Limits:0:Permits", "5"), ("Sources:shop:Limits:0:Window", "01:00:00"));
        var id = await system.ImportAsync();
        await system.UntilAsync(id, import => import.ImportedCount == 4, "the limit is used up");

        await system.UntilRowsAsync("select count(*) = 16 from imported_items where status = 'pending' and dispatched", "all others are published");

        // A wait for a permit would last an hour, and six messages can't be read as long as ten items wait.
        await system.ControlAsync(id, "pause");
        await Broker.UntilEmptyAsync(system);
        Assert.Equal(ImportStatus.Cancelled, (await system.ControlAsync(id, "cancel")).Status);
        Assert.Equal((5, 4), (api.Requests, (await system.FindAsync(id)).ImportedCount));
    }

    [Fact]
    public async Task A_page_that_is_read_while_its_import_is_paused_is_kept_and_the_next_is_not_read()
    {
        await using var api = await FakeApi.StartAsync(items: 100);
        var gate = new Gate();
        api.OnPage = (context, page) => page == 2 ? gate.PassAsync(context) : Task.FromResult(false);
        await using var system = await ImportSystem.StartAsync(servers, api, workers: 1);
        var id = await system.ImportAsync();
        await gate.ArrivedAsync();

        await system.ControlAsync(id, "pause");
        gate.Open();
        await system.UntilAsync(id, import => import.PagesDiscovered == 2, "the page is kept");
        await Broker.UntilEmptyAsync(system);
        Assert.Equal(2, api.Pages.Count());

        await system.ControlAsync(id, "resume");
        await system.UntilAsync(id, import => import.DiscoveryEnded, "discovery ends");
        Assert.Equal(5, api.Pages.Count());
    }

    [Theory]
    [InlineData("running", "resume", "retry-failed", "delete")]
    [InlineData("paused", "pause", "retry-failed", "delete")]
    [InlineData("completed", "pause", "resume", "cancel", "retry-failed")]
    [InlineData("cancelled", "pause", "resume", "cancel", "retry-failed")]
    public async Task What_the_state_forbids_is_409_and_changes_nothing(string status, params string[] actions)
    {
        await using var api = await FakeApi.StartAsync();
        await using var system = await ImportSystem.StartAsync(servers, api, workers: 0);
        var id = Guid.NewGuid();
        await system.ExecuteAsync($"""
            insert into imports (id, source, fresh, status, ended_at, paused_at, pause_cause, next_discovery_at)
            values ('{id}', 'shop', false, '{status}', case when '{status}' in ('completed', 'cancelled') then now() end,
              case '{status}' when 'paused' then now() end, case '{status}' when 'paused' then 'operator' end, now() + interval '1 hour')
            """);

        foreach (var action in actions)
        {
            using var response = await system.SendAsync(id, action);
            Assert.Equal((action, HttpStatusCode.Conflict), (action, response.StatusCode));
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
            Assert.Equal(status, (await system.FindAsync(id)).Status);
        }
    }

    [Fact]
    public async Task A_deleted_import_is_gone_with_its_items_and_no_other_is()
    {
        await using var api = await FakeApi.StartAsync();
        await using var system = await ImportSystem.StartAsync(servers, api);
        var first = await system.ImportAsync();
        await system.AssertCompleteAsync(first, 40);
        var second = await system.ImportAsync();
        await system.AssertCompleteAsync(second, 40);

        using var deleted = await system.SendAsync(first, "delete");
        using var again = await system.SendAsync(first, "delete");

        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NotFound), (deleted.StatusCode, again.StatusCode));
        await system.UntilRowsAsync("select count(*) = 40 from imported_items", "its items are gone");
        await system.AssertCompleteAsync(second, 40);
    }

    [Fact]
    public async Task Imports_are_deleted_when_they_have_been_kept_long_enough()
    {
        await using var api = await FakeApi.StartAsync();
        await using var system = await ImportSystem.StartAsync(servers, api, 1, ("Imports:KeepEnded", "00:10:00"));
        var old = Guid.NewGuid();
        await system.ExecuteAsync($"""
            insert into imports (id, source, fresh, status, started_at, ended_at) values ('{old}', 'shop', false, 'completed', now() - interval '2 hours', now() - interval '1 hour');
            insert into imported_items (import_id, external_id, page_number, status) select '{old}', number::text, 1, 'imported' from generate_series(1, 12000) as number;
            """);
        var recent = await system.ImportAsync();

        await system.UntilRowsAsync($"select not exists (select from imports where id = '{old}')", "the old import is deleted");
        await system.AssertCompleteAsync(recent, 40);
        await system.UntilRowsAsync("select count(*) = 40 from imported_items", "with its items");
    }

    [Fact]
    public async Task Waits_for_retries_are_told_from_waits_for_the_limits()
    {
        await using var api = await FakeApi.StartAsync(items: 5);
        api.OnDetail = (context, _, attempt) =>
        {
            if (attempt == 1)
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Task.FromResult(attempt == 1);
        };
        await using var system = await ImportSystem.StartAsync(servers, api, 1, ("Sources:shop:RetryDelays:0", "00:00:03"));
        var id = await system.ImportAsync();
        await system.AssertCompleteAsync(id, 5);

        var import = await system.FindAsync(id);
        var wait = Assert.Single(import.Waits, wait => wait.Cause == "retry");
        Assert.InRange(wait.Seconds, 0.05, import.DurationSeconds);
        Assert.Equal(1.0, import.Efficiency);
        AssertNoSleepForLimits(import);
        var active = import.DurationSeconds - wait.Seconds;
        Assert.InRange(import.ActiveSeconds, active - import.Waits.Where(other => other != wait).Sum(other => other.Seconds) - 0.01, active + 0.01);
    }

    [Theory]
    [InlineData("pause")]
    [InlineData("resume")]
    [InlineData("retry-failed")]
    [InlineData("delete")]
    public async Task An_import_that_is_not_there_cannot_be_controlled(string action)
    {
        await using var api = await FakeApi.StartAsync();
        await using var system = await ImportSystem.StartAsync(servers, api, workers: 0);

        using var response = await system.SendAsync(Guid.NewGuid(), action);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal(["id"], await response.FaultyFieldsAsync());
    }

    // A Redis that a busy machine keeps waiting is waited for, and that is a sleep.
    private static void AssertNoSleepForLimits(ImportSnapshot import)
    {
        Assert.DoesNotContain(import.Waits, wait => wait.Cause == "ledger");
        Assert.Equal(import.Waits.Where(wait => wait.Cause == "store").Sum(wait => wait.Count), import.RateLimitSleepsCount);
    }
}
