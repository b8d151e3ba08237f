using System.Net;
using System.Net.Http.Json;
using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.ImportTests.World;

/// <summary>What people do with backfills, over HTTP.</summary>
internal static class BackfillCalls
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Starts a backfill of 2025 and returns its id.</summary>
    public static async Task<Guid> BackfillAsync(this ImportSystem system, string from = "2025-01-01", string to = "2025-01-10")
    {
        using var response = await system.Client.PostAsJsonAsync("/backfills", new { source = "diary", from, to }, Cancellation);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        var started = await response.Content.ReadFromJsonAsync<BackfillStarted>(Cancellation);
        Assert.Equal($"/backfills/{started!.Id}", response.Headers.Location!.OriginalString);
        return started.Id;
    }

    public static async Task<BackfillSnapshot> BackfillOfAsync(this ImportSystem system, Guid id) =>
        (await system.Client.GetFromJsonAsync<BackfillSnapshot>($"/backfills/{id}", Cancellation))!;

    public static async Task<BackfillSnapshot> UntilBackfillAsync(this ImportSystem system, Guid id, Func<BackfillSnapshot, bool> condition, string what)
    {
        BackfillSnapshot? backfill = null;
        try
        {
            await Deadline.UntilAsync(async () => condition(backfill = await system.BackfillOfAsync(id)), what, cancellationToken: Cancellation);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{exception.Message}; it stands at {backfill}", exception);
        }

        return backfill!;
    }

    public static async Task<BackfillSnapshot> UntilBackfilledAsync(this ImportSystem system, Guid id)
    {
        var backfill = await system.UntilBackfillAsync(id, backfill => backfill.EndedAt is not null, "the backfill ends");
        Assert.Equal((ImportStatus.Completed, null), (backfill.Status, backfill.FailureReason));
        return backfill;
    }

    public static async Task<BackfillSnapshot> ControlBackfillAsync(this ImportSystem system, Guid id, string what)
    {
        using var response = await system.Client.PostAsync($"/backfills/{id}/{what}", null, Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<BackfillSnapshot>(Cancellation))!;
    }

    /// <summary>All days, page after page.</summary>
    public static async Task<List<BackfillDay>> DaysAsync(this ImportSystem system, Guid id, string status = "", int limit = 500)
    {
        List<BackfillDay> days = [];
        string? cursor = null;
        do
        {
            var page = await system.Client.GetFromJsonAsync<CursorPage<BackfillDay>>($"/backfills/{id}/days?status={status}&limit={limit}&cursor={cursor}", Cancellation);
            Assert.InRange(page!.Data.Count, 0, limit);
            days.AddRange(page.Data);
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        return days;
    }

    /// <summary>Every record of the days is there once, and nothing else is.</summary>
    public static async Task AssertRecordsAsync(this ImportSystem system, FakeRecords records, DateOnly from, int days)
    {
        await using var command = system.Database.CreateCommand("select to_char(date, 'YYYY-MM-DD') || ':' || key from backfilled_records order by 1");
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        List<string> stored = [];
        while (await reader.ReadAsync(Cancellation))
            stored.Add(reader.GetString(0));
        var expected =
            from day in Enumerable.Range(0, days)
            let date = $"{from.AddDays(day):yyyy-MM-dd}"
            from number in Enumerable.Range(0, records.PerDay)
            select $"{date}:{date}/{number}";
        Assert.Equal(expected.Order(StringComparer.Ordinal), stored.Order(StringComparer.Ordinal));
    }
}
