using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.ItemApi.Tests;

public sealed class RecordTests(PostgresFixture postgres)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_day_is_walked_once_in_order_by_its_cursor_and_is_the_same_for_every_process()
    {
        await using var first = await StartAsync();
        await using var second = await StartAsync();

        var day = await WalkAsync(first, "2025-03-01", limit: 30);

        Assert.InRange(day.Count, 160, 240);
        Assert.Equal(day.Count, day.Select(record => record.Id).Distinct().Count());
        Assert.Equal(day.OrderBy(record => record.Time).ThenBy(record => record.Id, StringComparer.Ordinal), day);
        Assert.All(day, record => Assert.Equal(new DateOnly(2025, 3, 1), record.Date));
        Assert.All(day, record => Assert.InRange(record.ItemId, 1, 10));
        Assert.Equal(day, await WalkAsync(second, "2025-03-01", limit: 100));
        Assert.NotEqual(day.Select(record => record.Amount), (await WalkAsync(first, "2025-03-02", limit: 100)).Select(record => record.Amount));
    }

    [Fact]
    public async Task An_answer_has_data_and_a_cursor_that_is_null_at_the_end()
    {
        await using var api = await StartAsync();

        using var json = JsonDocument.Parse(await api.Client.GetStringAsync("/api/records?date=2025-12-31&limit=1000", Stop));
        var middle = await ReadAsync(api, "/api/records?date=2025-12-31");

        Assert.Equal(["data", "nextCursor"], json.RootElement.EnumerateObject().Select(field => field.Name));
        Assert.Equal(
            ["id", "date", "time", "kind", "itemId", "quantity", "amount"],
            json.RootElement.GetProperty("data")[0].EnumerateObject().Select(field => field.Name));
        Assert.Equal(100, json.RootElement.GetProperty("data").GetArrayLength());
        Assert.Equal((10, true), (middle.Data.Count, middle.NextCursor is not null));
    }

    [Theory]
    [InlineData("2024-12-31")]
    [InlineData("2026-01-01")]
    [InlineData("0001-01-01")]
    [InlineData("9999-12-31")]
    public async Task A_day_outside_of_the_configured_ones_is_empty(string date)
    {
        await using var api = await StartAsync();

        var page = await ReadAsync(api, $"/api/records?date={date}");

        Assert.Empty(page.Data);
        Assert.Null(page.NextCursor);
    }

    [Theory]
    [InlineData("", "date")]
    [InlineData("?date=", "date")]
    [InlineData("?date=2025-02-29", "date")]
    [InlineData("?date=01.02.2025", "date")]
    [InlineData("?date=2025-01-01&date=2025-01-02", "date")]
    [InlineData("?date=2025-01-01&cursor=x", "cursor")]
    [InlineData("?date=2025-01-01&limit=0", "limit")]
    [InlineData("?date=x&limit=ten", "date", "limit")]
    public async Task A_query_that_cannot_be_read_names_the_field(string query, params string[] fields)
    {
        await using var api = await StartAsync();

        using var answer = await api.Client.GetAsync($"/api/records{query}", Stop);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Stop);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(fields, problem.GetProperty("errors").EnumerateObject().Select(error => error.Name).Order());
    }

    [Fact]
    public async Task A_cursor_of_another_day_or_of_the_items_is_refused()
    {
        await using var api = await StartAsync();
        var other = (await ReadAsync(api, "/api/records?date=2025-01-02")).NextCursor;

        foreach (var cursor in (string?[])[other, Items.ItemCursor.After(5)])
        {
            using var answer = await api.Client.GetAsync($"/api/records?date=2025-01-01&cursor={cursor}", Stop);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        }
    }

    private async Task<Catalogue> StartAsync() => await Catalogue.StartAsync(
        await postgres.Server.CreateDatabaseAsync(cancellationToken: Stop), items: 10, Stop, ("Records:PerDay", "200"));

    private static async Task<CursorPage<DailyRecord>> ReadAsync(Catalogue api, string address) =>
        (await api.Client.GetFromJsonAsync(address, ItemsJson.Default.CursorPageDailyRecord, Stop))!;

    private static async Task<List<DailyRecord>> WalkAsync(Catalogue api, string date, int limit)
    {
        List<DailyRecord> records = [];
        string? cursor = "";
        while (cursor is not null)
        {
            var page = await ReadAsync(api, $"/api/records?date={date}&limit={limit}&cursor={cursor}");
            Assert.InRange(page.Data.Count, 1, limit);
            records.AddRange(page.Data);
            cursor = page.NextCursor;
        }

        return records;
    }
}
