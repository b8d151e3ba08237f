using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.ImportTests.World;

/// <summary>What people do with imports, over HTTP.</summary>
internal static class ImportCalls
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Starts an import and returns its id.</summary>
    public static async Task<Guid> ImportAsync(this ImportSystem system, string source = "shop", bool fresh = false)
    {
        using var response = await system.Client.PostAsJsonAsync("/imports", new { source, fresh }, Cancellation);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        var started = await response.Content.ReadFromJsonAsync<ImportStarted>(Cancellation);
        Assert.Equal($"/imports/{started!.Id}", response.Headers.Location!.OriginalString);
        return started.Id;
    }

    /// <summary>pause, resume, cancel, retry-failed or delete.</summary>
    public static Task<HttpResponseMessage> SendAsync(this ImportSystem system, Guid id, string action) => action == "delete"
        ? system.Client.DeleteAsync($"/imports/{id}", Cancellation)
        : system.Client.PostAsync($"/imports/{id}/{action}", null, Cancellation);

    /// <summary>Does what may be done, and returns the import as it stands then.</summary>
    public static async Task<ImportSnapshot> ControlAsync(this ImportSystem system, Guid id, string action)
    {
        using var response = await system.SendAsync(id, action);
        Assert.Equal((action, HttpStatusCode.OK), (action, response.StatusCode));
        return (await response.Content.ReadFromJsonAsync<ImportSnapshot>(Cancellation))!;
    }

    public static async Task<ImportSnapshot> FindAsync(this ImportSystem system, Guid id) =>
        (await system.Client.GetFromJsonAsync<ImportSnapshot>($"/imports/{id}", Cancellation))!;

    public static async Task<ImportSnapshot> UntilAsync(this ImportSystem system, Guid id, Func<ImportSnapshot, bool> condition, string what)
    {
        ImportSnapshot? import = null;
        try
        {
            await Deadline.UntilAsync(async () => condition(import = await system.FindAsync(id)), what, cancellationToken: Cancellation);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{exception.Message}; it stands at {import}", exception);
        }

        return import!;
    }

    public static Task<ImportSnapshot> UntilEndedAsync(this ImportSystem system, Guid id) =>
        system.UntilAsync(id, import => import.EndedAt is not null, "the import ends");

    public static async Task<ImportSnapshot> UntilCompletedAsync(this ImportSystem system, Guid id)
    {
        var import = await system.UntilEndedAsync(id);
        Assert.Equal((ImportStatus.Completed, null), (import.Status, import.FailureReason));
        return import;
    }

    /// <summary>All items, page after page.</summary>
    public static async Task<List<ImportedItem>> ItemsAsync(this ImportSystem system, Guid id, string status = "", int limit = 500)
    {
        List<ImportedItem> items = [];
        string? cursor = null;
        do
        {
            var page = await system.Client.GetFromJsonAsync<CursorPage<ImportedItem>>($"/imports/{id}/items?status={status}&limit={limit}&cursor={cursor}", Cancellation);
            Assert.InRange(page!.Data.Count, 0, limit);
            items.AddRange(page.Data);
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        return items;
    }

    /// <summary>Every item is there once, with its price, and nothing else is.</summary>
    public static async Task AssertCompleteAsync(this ImportSystem system, Guid id, int items)
    {
        var import = await system.UntilCompletedAsync(id);
        Assert.Equal((items, items, 0, 0), (import.TotalCount, import.ImportedCount, import.FailedCount, import.PendingCount));
        var rows = await system.ItemsAsync(id);
        Assert.Equal(Enumerable.Range(1, items), rows.Select(row => int.Parse(row.ExternalId, null)).Order());
        Assert.All(rows, row => Assert.Equal(
            ($"Item {row.ExternalId}", FakeApi.PriceOf(int.Parse(row.ExternalId, null)), ItemStatus.Imported), (row.Name, row.Price, row.Status)));
    }

    /// <summary>The fields that a 400 or 404 names.</summary>
    public static async Task<List<string>> FaultyFieldsAsync(this HttpResponseMessage response)
    {
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.Equal((int)response.StatusCode, problem.GetProperty("status").GetInt32());
        return [.. problem.GetProperty("errors").EnumerateObject().Select(error => error.Name)];
    }

    public static async Task ExecuteAsync(this ImportSystem system, string sql)
    {
        await using var command = system.Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    /// <summary>Waits until the query gives true.</summary>
    public static Task UntilRowsAsync(this ImportSystem system, string sql, string what) => Deadline.UntilAsync(
        async () =>
        {
            await using var command = system.Database.CreateCommand(sql);
            return (bool)(await command.ExecuteScalarAsync(Cancellation))!;
        },
        what, cancellationToken: Cancellation);

    public static async Task<bool> AnswersAsync(this ImportSystem system)
    {
        using var response = await system.Client.GetAsync("/imports", Cancellation);
        return response.IsSuccessStatusCode;
    }
}
