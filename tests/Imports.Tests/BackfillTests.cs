using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using Sluice.Contracts;
using Sluice.ImportTests.World;
using Sluice.Testing;

namespace Sluice.ImportTests;

public sealed class BackfillTests(Servers servers)
{
    private static readonly DateOnly first = new(2025, 1, 1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_record_of_every_day_is_there_once_and_every_page_was_asked_for_once()
    {
        await using var api = await FakeApi.StartAsync();
        await using var system = await ImportSystem.StartAsync(servers, api, workers: 2);

        var id = await system.BackfillAsync("2025-01-01", "2025-01-31");
        var backfill = await system.UntilBackfilledAsync(id);

        Assert.Equal((new DateOnly(2025, 1, 1), new DateOnly(2025, 1, 31)), (backfill.From, backfill.To));
        Assert.Equal((31, 31, 0, 0), (backfill.DaysCount, backfill.ImportedCount, backfill.FailedCount, backfill.PendingCount));
        Assert.Equal((93, 775, 775, 93), (backfill.PagesCount, backfill.RecordsCount, backfill.NewRecordsCount, backfill.RequestsCount));
        Assert.All(await system.DaysAsync(id, limit: 7), day => Assert.Equal((ItemStatus.Imported, 3, 25, 0), (day.Status, day.PagesCount, day.RecordsCount, day.FailureCount)));
        Assert.Equal(Enumerable.Range(0, 31).Select(first.AddDays), (await system.DaysAsync(id, limit: 7)).Select(day => day.Date));
        await system.AssertRecordsAsync(api.Records, first, 31);
        Assert.Equal(93, api.Records.Pages.Count);
        Assert.All(api.Records.Pages.Values, count => Assert.Equal(1, count));
    }

    [Fact]
    public async Task The_same_days_again_bring_no_record_twice_and_what_has_changed_anew()
    {
        await using var api = await FakeApi.StartAsync();
        await using var system = await ImportSystem.StartAsync(servers, api);
        await system.UntilBackfilledAsync(await system.BackfillAsync("2025-01-01", "2025-01-05"));
        api.Records.Make = static (date, number) => new { id = $"{date}/{number}", text = number == 3 ? "changed" : $"Record {number}", number, date };

        var again = await system.UntilBackfilledAsync(await system.BackfillAsync("2025-01-03", "2025-01-07"));

        Assert.Equal((125, 50), (again.RecordsCount, again.NewRecordsCount));
        await system.AssertRecordsAsync(api.Records, first, 7);
        await system.UntilRowsAsync(
            "select count(*) = 5 and min(date) = '2025-01-03' from backfilled_records where payload->>'text' = 'changed'", "what changed is written");
    }

    [Fact]
    public async Task Records_without_an_id_are_known_again_by_what_they_say()
    {
        await using var api = await FakeApi.StartAsync();
        await using var system = await ImportSystem.StartAsync(servers, api, 1, ("Sources:diary:List:Id", ""));
        api.Records.Make = static (_, number) => new { number, price = 1.50m, text = "é" };
        await system.UntilBackfilledAsync(await system.BackfillAsync("2025-01-01", "2025-01-02"));

        // The same in other words, and one more.
        api.Records.Make = static (_, number) => new { text = "\u00e9", price = number == 7 ? 2m : 1.500m, number };
        var again = await system.UntilBackfilledAsync(await system.BackfillAsync("2025-01-01", "2025-01-02"));

        Assert.Equal((50, 2), (again.RecordsCount, again.NewRecordsCount));
        await system.UntilRowsAsync("select count(*) = 52 from backfilled_records", "each is there once, on each of the days");
    }

    [Fact]
    public async Task Failed_days_are_listed_with_their_reason_and_repeated_alone_from_the_page_that_failed()
    {
        await using var api = await FakeApi.StartAsync();
        var isBroken = true;
        api.Records.OnPage = (context, date, page, _) => Task.FromResult(isBroken && (date, page) switch
        {
            ("2025-01-04", 2) => Status(context, StatusCodes.Status503ServiceUnavailable),
            ("2025-01-07", 1) => Status(context, StatusCodes.Status400BadRequest),
            _ => false,
        });
        await using var system = await ImportSystem.StartAsync(servers, api);

        var id = await system.BackfillAsync();
        var backfill = await system.UntilBackfilledAsync(id);
        var failed = await system.DaysAsync(id, ItemStatus.Failed);

        Assert.Equal((10, 8, 2), (backfill.DaysCount, backfill.ImportedCount, backfill.FailedCount));
        Assert.Equal([new DateOnly(2025, 1, 4), new DateOnly(2025, 1, 7)], failed.Select(day => day.Date));
        Assert.Equal([(1, 3), (0, 1)], failed.Select(day => (day.PagesCount, day.FailureCount)));
        Assert.EndsWith("answered 503 Service Unavailable", failed[0].FailureReason, StringComparison.Ordinal);
        Assert.EndsWith("answered 400 Bad Request", failed[1].FailureReason, StringComparison.Ordinal);

        isBroken = false;
        await system.ControlBackfillAsync(id, "retry-failed");
        Assert.Equal(10, (await system.UntilBackfilledAsync(id)).ImportedCount);

        await system.AssertRecordsAsync(api.Records, first, 10);
        Assert.Equal(4, api.Records.Pages[("2025-01-04", 2)]);
        Assert.Equal(2, api.Records.Pages[("2025-01-07", 1)]);
        Assert.Equal(28, api.Records.Pages.Count(page => page.Value == 1));
        using var nothing = await system.Client.PostAsync($"/backfills/{id}/retry-failed", null, Cancellation);
        Assert.Equal(HttpStatusCode.Conflict, nothing.StatusCode);
    }

    [Fact]
    public async Task Each_page_has_all_attempts_and_delays_of_its_own()
    {
        await using var api = await FakeApi.StartAsync();
        api.Records.OnPage = (context, _, _, arrived) => Task.FromResult(arrived <= 2 && Status(context, StatusCodes.Status500InternalServerError));
        await using var system = await ImportSystem.StartAsync(servers, api);

        var id = await system.BackfillAsync("2025-01-01", "2025-01-03");
        var backfill = await system.UntilBackfilledAsync(id);

        Assert.Equal((3, 27), (backfill.ImportedCount, backfill.RequestsCount));
        Assert.All(await system.DaysAsync(id), day => Assert.Equal(6, day.FailureCount));
        await system.AssertRecordsAsync(api.Records, first, 3);
    }

    [Fact]
    public async Task A_day_whose_pages_lead_in_a_circle_fails_with_that_reason()
    {
        await using var api = await FakeApi.StartAsync();
        api.Records.OnPage = async (context, date, page, _) =>
        {
            if (date != "2025-01-02" || page != 2)
                return false;
            await context.Response.WriteAsJsonAsync(new { data = (object[])[new { id = "x" }], next = "c10" });
            return true;
        };
        await using var system = await ImportSystem.StartAsync(servers, api);

        var id = await system.BackfillAsync("2025-01-01", "2025-01-03");
        await system.UntilBackfilledAsync(id);

        var day = Assert.Single(await system.DaysAsync(id, ItemStatus.Failed));
        Assert.Equal("The day loops: page 2 leads back to a page that was read before.", day.FailureReason);
        Assert.Equal(1, api.Records.Pages[("2025-01-02", 2)]);
    }

    [Fact]
    public async Task A_record_that_cannot_be_stored_fails_its_day_with_that_reason()
    {
        await using var api = await FakeApi.StartAsync();
        api.Records.Make = static (date, number) => new { id = $"{date}/{number}", text = date == "2025-01-02" && number == 14 ? "\0" : "" };
        await using var system = await ImportSystem.StartAsync(servers, api);

        var id = await system.BackfillAsync("2025-01-01", "2025-01-03");
        Assert.Equal((2, 1), (await system.UntilBackfilledAsync(id)) is var backfill ? (backfill.ImportedCount, backfill.FailedCount) : default);

        var day = Assert.Single(await system.DaysAsync(id, ItemStatus.Failed));
        Assert.StartsWith("What the source sent can't be stored", day.FailureReason, StringComparison.Ordinal);
        Assert.Equal((1, 10), (day.PagesCount, day.RecordsCount));
    }

    [Fact]
    public async Task A_paused_backfill_keeps_the_page_that_was_on_the_wire_and_goes_on_from_there()
    {
        await using var api = await FakeApi.StartAsync();
        var gate = new Gate();
        api.Records.OnPage = (context, _, page, _) => page == 2 ? gate.PassAsync(context) : Task.FromResult(false);
        await using var system = await ImportSystem.StartAsync(servers, api, 1, ("DetailWorker:DayConcurrency", "4"));
        var id = await system.BackfillAsync();
        await gate.ArrivedAsync(4);

        Assert.Equal(ImportStatus.Paused, (await system.ControlBackfillAsync(id, "pause")).Status);
        await system.UntilRowsAsync("select count(*) = 4 from backfill_pages", "the first pages are written");
        Assert.Equal((10, true), (await system.BackfillOfAsync(id)).Forecast is { } forecast ? (forecast.RemainingRequests, forecast.IsAtLeast) : default);
        gate.Open();
        await Broker.UntilEmptyAsync(system);
        await system.UntilBackfillAsync(id, backfill => backfill.PagesCount >= 8, "the second pages are written");
        using var second = await system.Client.PostAsync($"/backfills/{id}/pause", null, Cancellation);
        Assert.Equal(HttpStatusCode.Conflict, second.StatusCode);

        await system.ControlBackfillAsync(id, "resume");
        await system.UntilBackfilledAsync(id);

        await system.AssertRecordsAsync(api.Records, first, 10);
        Assert.All(api.Records.Pages.Values, count => Assert.Equal(1, count));
    }

    [Fact]
    public async Task A_cancelled_backfill_sends_nothing_more_and_makes_room_for_another()
    {
        await using var api = await FakeApi.StartAsync();

        // Any five pages, of one day or of five, are full.
        api.Records.PerDay = 100;
        await using var system = await ImportSystem.StartAsync(servers, api, 1,
            ("Sources:diary:Limits:0:Permits", "5"), ("Sources:diary:Limits:0:Window", "01:00:00"));
        var id = await system.BackfillAsync();
        await system.UntilBackfillAsync(id, backfill => backfill.PagesCount == 5, "the limit is used up");

        Assert.Equal(ImportStatus.Cancelled, (await system.ControlBackfillAsync(id, "cancel")).Status);
        await Broker.UntilEmptyAsync(system);
        Assert.Equal(5, api.Requests);

        var other = await system.BackfillAsync("2025-02-01", "2025-02-01");
        await system.ControlBackfillAsync(other, "cancel");
        using var gone = await system.Client.DeleteAsync($"/backfills/{id}", Cancellation);
        Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);
        await system.UntilRowsAsync("select count(*) = 50 from backfilled_records", "records stay when their backfill is deleted");
    }

    private static bool Status(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return true;
    }
}
