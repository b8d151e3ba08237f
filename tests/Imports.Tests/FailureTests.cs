using Microsoft.AspNetCore.Http;
using Sluice.Contracts;
using Sluice.ImportTests.World;
using Sluice.Testing;

namespace Sluice.ImportTests;

public sealed class FailureTests(Servers servers)
{
    [Fact]
    public async Task An_item_that_fails_for_ever_fails_with_its_reason_after_five_attempts_and_the_import_ends()
    {
        await using var api = await FakeApi.StartAsync();
        api.OnDetail = Answer((id, _) => id is "7" or "30", StatusCodes.Status500InternalServerError);
        await using var system = await ImportSystem.StartAsync(servers, api, workers: 2);

        var import = await system.UntilCompletedAsync(await system.ImportAsync());
        Assert.Equal((40, 38, 2, 0), (import.TotalCount, import.ImportedCount, import.FailedCount, import.PendingCount));
        Assert.Equal(2 + 38 + 2 * 5, import.RequestsCount);

        var failed = await system.ItemsAsync(import.Id, ItemStatus.Failed);
        Assert.Equal(["7", "30"], failed.Select(item => item.ExternalId).Order(Comparer<string>.Create((a, b) => a.Length - b.Length)));
        Assert.All(failed, item =>
        {
            Assert.Equal((5, $"GET /items/{item.ExternalId} answered 500 Internal Server Error"), (item.FailureCount, item.FailureReason));
            Assert.NotNull(item.LastFailedAt);
            Assert.Null(item.Price);
            Assert.Equal(5, api.Details[item.ExternalId]);
        });
    }

    [Fact]
    public async Task A_later_attempt_succeeds()
    {
        await using var api = await FakeApi.StartAsync();
        api.OnDetail = Answer((id, attempt) => id == "3" && attempt < 5, StatusCodes.Status503ServiceUnavailable);
        await using var system = await ImportSystem.StartAsync(servers, api);

        var id = await system.ImportAsync();
        await system.AssertCompleteAsync(id, 40);
        Assert.Equal(5, api.Details["3"]);
        Assert.Equal(4, (await system.ItemsAsync(id)).Single(item => item.ExternalId == "3").FailureCount);
    }

    [Fact]
    public async Task What_every_attempt_would_repeat_is_not_repeated()
    {
        await using var api = await FakeApi.StartAsync();
        api.OnDetail = Answer((id, _) => id == "3", StatusCodes.Status404NotFound);
        await using var system = await ImportSystem.StartAsync(servers, api);

        var import = await system.UntilCompletedAsync(await system.ImportAsync());
        var failed = Assert.Single(await system.ItemsAsync(import.Id, ItemStatus.Failed));
        Assert.Equal(("3", 1, "GET /items/3 answered 404 Not Found"), (failed.ExternalId, failed.FailureCount, failed.FailureReason));
        Assert.Equal(1, api.Details["3"]);
    }

    [Fact]
    public async Task Whatever_a_server_does_to_an_item_is_put_down_as_its_reason()
    {
        await using var api = await FakeApi.StartAsync(items: 9);
        api.OnDetail = async (context, id, _) =>
        {
            var response = context.Response;
            switch (id)
            {
                case "1":
                    await response.WriteAsync("<html>");
                    return true;
                case "2":
                    context.Abort();
                    return true;
                case "3":
                    await response.WriteAsync($$"""{"name":"{{new string('x', 3000)}}"}""");
                    return true;
                case "4":
                    response.Headers.ContentEncoding = "gzip";
                    await response.WriteAsync("no gzip");
                    return true;
                case "5":
                    response.Redirect("http://127.0.0.1:9/elsewhere");
                    return true;
                case "6":
                    await response.WriteAsync("""{"name":"Item 6","price":"dear"}""");
                    return true;
                case "7":
                    await response.WriteAsync("""{"price":8}""");
                    return true;
                case "8":
                    await response.WriteAsync("""{"name":"\u0000 and \"quotes\"","price":"9.5","payload":"\u0000"}""");
                    return true;
                default:
                    return false;
            }
        };
        await using var system = await ImportSystem.StartAsync(servers, api, 1,
            ("Sources:shop:MaxResponseBytes", "2000"),
            ("Sources:shop:RetryDelays:1", null), ("Sources:shop:RetryDelays:2", null), ("Sources:shop:RetryDelays:3", null));

        var import = await system.UntilCompletedAsync(await system.ImportAsync());
        var failed = (await system.ItemsAsync(import.Id, ItemStatus.Failed)).ToDictionary(item => item.ExternalId);

        AssertFailed("1", attempts: 2, "GET /items/1 is no JSON");
        AssertFailed("2", attempts: 2, "GET /items/2 failed");
        AssertFailed("3", attempts: 2, "GET /items/3 broke off");
        AssertFailed("4", attempts: 2, "GET /items/4 broke off");
        AssertFailed("5", attempts: 1, "'http://127.0.0.1:9/elsewhere' leads away from 127.0.0.1");
        AssertFailed("6", attempts: 1, "'price' is not a number that can be kept: \"dear\"");
        AssertFailed("7", attempts: 1, "'name' is missing");
        AssertFailed("8", attempts: 1, "What the source sent can't be stored");
        Assert.Equal(["9"], (await system.ItemsAsync(import.Id, ItemStatus.Imported)).Select(item => item.ExternalId));

        void AssertFailed(string id, int attempts, string reason)
        {
            var item = failed[id];
            Assert.StartsWith(reason, item.FailureReason, StringComparison.Ordinal);
            Assert.Equal((id, attempts), (id, item.FailureCount));
        }
    }

    [Fact]
    public async Task A_server_that_gives_no_answer_is_given_up_at_the_end_of_the_lease()
    {
        await using var api = await FakeApi.StartAsync(items: 1);
        var gate = new Gate();
        api.OnDetail = (context, _, _) => gate.PassAsync(context);
        await using var system = await ImportSystem.StartAsync(servers, api, 1,
            ("Sources:shop:Lease", "00:00:01"), ("Sources:shop:RetryDelays:2", null), ("Sources:shop:RetryDelays:3", null));

        var import = await system.UntilCompletedAsync(await system.ImportAsync());
        var failed = Assert.Single(await system.ItemsAsync(import.Id, ItemStatus.Failed));
        Assert.Equal((3, "GET /items/1 had no answer within 00:00:01"), (failed.FailureCount, failed.FailureReason));
    }

    [Fact]
    public async Task A_refusal_is_obeyed_and_recorded_and_no_failed_attempt()
    {
        await using var api = await FakeApi.StartAsync();
        api.OnDetail = (context, id, attempt) =>
        {
            var refuses = id == "5" && attempt == 1;
            if (refuses)
                FakeApi.Refuse(context, seconds: 4);
            return Task.FromResult(refuses);
        };
        await using var system = await ImportSystem.StartAsync(servers, api, workers: 1, ("DetailWorker:Concurrency", "1"));

        var id = await system.ImportAsync();
        await system.AssertCompleteAsync(id, 40);
        var import = await system.UntilAsync(id, import => import.RateLimitSleepsCount > 0, "the pause is on record");

        Assert.Equal((1, 2), (import.RateLimitHitsCount, api.Details["5"]));
        Assert.Equal(import.RateLimitSleepsCount / (1.0 + import.RateLimitSleepsCount), import.Efficiency);
        Assert.Equal(0, (await system.ItemsAsync(id)).Single(item => item.ExternalId == "5").FailureCount);
    }

    [Fact]
    public async Task An_item_that_is_refused_for_ever_fails()
    {
        await using var api = await FakeApi.StartAsync(items: 3);
        api.OnDetail = (context, id, _) =>
        {
            if (id == "2")
                FakeApi.Refuse(context, seconds: 0);
            return Task.FromResult(id == "2");
        };
        await using var system = await ImportSystem.StartAsync(servers, api, 1, ("Sources:shop:MaxRefusals", "4"));

        var import = await system.UntilCompletedAsync(await system.ImportAsync());
        var failed = Assert.Single(await system.ItemsAsync(import.Id, ItemStatus.Failed));
        Assert.Equal(("2", 0, "GET /items/2 answered 429 Too Many Requests"), (failed.ExternalId, failed.FailureCount, failed.FailureReason));
        Assert.Equal(4, api.Details["2"]);
    }

    [Fact]
    public async Task A_page_that_fails_is_read_again()
    {
        await using var api = await FakeApi.StartAsync(items: 60);
        api.OnPage = (context, page) =>
        {
            var fails = page == 2 && api.Pages.Count(path => path.Contains("page=2", StringComparison.Ordinal)) < 4;
            if (fails)
                context.Response.StatusCode = StatusCodes.Status502BadGateway;
            return Task.FromResult(fails);
        };
        await using var system = await ImportSystem.StartAsync(servers, api);

        await system.AssertCompleteAsync(await system.ImportAsync(), 60);
        Assert.Equal(1 + 5 + 1, api.Pages.Count());
    }

    [Fact]
    public async Task A_page_that_fails_for_ever_ends_the_import_with_that_reason()
    {
        await using var api = await FakeApi.StartAsync(items: 60);
        api.OnPage = (context, page) =>
        {
            if (page == 2)
                context.Response.StatusCode = StatusCodes.Status502BadGateway;
            return Task.FromResult(page == 2);
        };
        await using var system = await ImportSystem.StartAsync(servers, api);

        var import = await system.UntilEndedAsync(await system.ImportAsync());
        Assert.Equal((ImportStatus.Failed, "Page 2 of the list could not be read: GET /list?page=2&size=20 answered 502 Bad Gateway"), (import.Status, import.FailureReason));
        Assert.Equal(1 + 5, api.Pages.Count());
    }

    private static Func<HttpContext, string, int, Task<bool>> Answer(Func<string, int, bool> when, int status) => (context, id, attempt) =>
    {
        if (when(id, attempt))
            context.Response.StatusCode = status;
        return Task.FromResult(when(id, attempt));
    };
}
