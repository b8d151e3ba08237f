using System.Net;
using Microsoft.AspNetCore.Http;
using Sluice.Contracts;
using Sluice.ImportTests.World;
using Sluice.Testing;

namespace Sluice.ImportTests;

public sealed class RetryFailedTests(Servers servers)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_has_failed_gets_new_attempts_after_the_end()
    {
        await using var api = await FakeApi.StartAsync();
        api.OnDetail = (context, id, _) =>
        {
            var fails = id is "7" or "30";
            if (fails)
                context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return Task.FromResult(fails);
        };
        await using var system = await ImportSystem.StartAsync(servers, api);
        var id = await system.ImportAsync();
        Assert.Equal(2, (await system.UntilCompletedAsync(id)).FailedCount);

        var gate = new Gate();
        api.OnDetail = (context, _, _) => gate.PassAsync(context);
        var begun = await system.ControlAsync(id, "retry-failed");
        Assert.Equal((ImportStatus.Running, 0, 2), (begun.Status, begun.FailedCount, begun.PendingCount));
        gate.Open();
        await system.AssertCompleteAsync(id, 40);

        Assert.Equal(2 + 38 + 2 * 6, (await system.FindAsync(id)).RequestsCount);
        Assert.Equal(5, (await system.ItemsAsync(id)).Single(item => item.ExternalId == "7").FailureCount);
        Assert.Equal(38, api.Details.Values.Count(count => count == 1));
    }

    [Fact]
    public async Task An_import_whose_list_failed_goes_on_from_the_page_that_did()
    {
        await using var api = await FakeApi.StartAsync(items: 60);
        api.OnPage = (context, page) =>
        {
            if (page == 2)
                context.Response.StatusCode = StatusCodes.Status502BadGateway;
            return Task.FromResult(page == 2);
        };
        await using var system = await ImportSystem.StartAsync(servers, api);
        var id = await system.ImportAsync();
        Assert.Equal(ImportStatus.Failed, (await system.UntilEndedAsync(id)).Status);

        api.OnPage = null;
        await system.ControlAsync(id, "retry-failed");

        await system.AssertCompleteAsync(id, 60);
        Assert.Equal(1 + 5 + 2, api.Pages.Count());
    }

    [Fact]
    public async Task What_was_published_when_the_list_failed_is_published_again_when_the_import_goes_on()
    {
        await using var api = await FakeApi.StartAsync();
        var (page, details, givenUp) = (new Gate(), new Gate(), 0);
        api.OnPage = async (context, number) =>
        {
            if (number == 1)
                return false;
            await page.PassAsync(context);
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return true;
        };
        api.OnDetail = (context, _, _) =>
        {
            context.RequestAborted.Register(() => Interlocked.Increment(ref givenUp));
            return details.PassAsync(context);
        };
        await using var system = await ImportSystem.StartAsync(servers, api, 1, ("DetailWorker:Concurrency", "10"), ("Imports:RepublishAfter", "01:00:00"));
        var id = await system.ImportAsync();
        await page.ArrivedAsync();
        await details.ArrivedAsync(10);
        await system.UntilRowsAsync("select count(*) = 20 from imported_items where dispatched", "the others wait to be read");
        page.Open();
        Assert.Equal(ImportStatus.Failed, (await system.UntilEndedAsync(id)).Status);
        await Deadline.UntilAsync(() => Task.FromResult(Volatile.Read(ref givenUp) == 10), "what is on the wire is given up", cancellationToken: Cancellation);
        await Broker.UntilEmptyAsync(system);

        (api.OnPage, api.OnDetail) = (null, null);
        await system.ControlAsync(id, "retry-failed");

        await system.AssertCompleteAsync(id, 40);
        Assert.All(api.Details, item => Assert.InRange(item.Value, 1, int.Parse(item.Key, null) <= 20 ? 2 : 1));
    }

    [Fact]
    public async Task What_has_failed_waits_for_a_later_import_of_the_source_to_end()
    {
        await using var api = await FakeApi.StartAsync();
        await using var system = await ImportSystem.StartAsync(servers, api, workers: 0);
        var first = Guid.NewGuid();
        await system.ExecuteAsync($"""
            insert into imports (id, source, fresh, status, ended_at, discovery_ended_at) values ('{first}', 'shop', false, 'completed', now(), now());
            insert into imported_items (import_id, external_id, page_number, status) values ('{first}', '1', 1, 'failed');
            """);
        var second = await system.ImportAsync();

        using var refused = await system.SendAsync(first, "retry-failed");
        Assert.Equal((HttpStatusCode.Conflict, $"/imports/{second}"), (refused.StatusCode, refused.Headers.Location?.OriginalString));
        await system.ControlAsync(second, "cancel");
        Assert.Equal(ImportStatus.Running, (await system.ControlAsync(first, "retry-failed")).Status);
    }
}
