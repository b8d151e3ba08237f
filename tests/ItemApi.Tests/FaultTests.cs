using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Sluice.Testing;

namespace Sluice.ItemApi.Tests;

public sealed class FaultTests(PostgresFixture postgres)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task There_are_none_until_some_are_set_and_none_after_they_are_cleared()
    {
        await using var api = await StartAsync();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(api, "/api/items/1"));

        await SetAsync(api, new { statuses = new Dictionary<string, double> { ["500"] = 1 } });
        Assert.Equal(HttpStatusCode.InternalServerError, await StatusAsync(api, "/api/items/1"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(api, "/alive"));
        var report = await api.Client.GetFromJsonAsync<JsonElement>("/faults", Stop);
        Assert.Equal((1, 1), (report.GetProperty("requests").GetInt32(), report.GetProperty("failed").GetInt32()));

        (await api.Client.DeleteAsync("/faults", Stop)).EnsureSuccessStatusCode();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(api, "/api/items/1"));
    }

    [Fact]
    public async Task In_Production_there_is_no_such_thing()
    {
        await using var api = await StartAsync(("environment", "Production"));

        using var get = await api.Client.GetAsync("/faults", Stop);
        using var put = await api.Client.PutAsJsonAsync("/faults", new { dropped = 1 }, Stop);

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (get.StatusCode, put.StatusCode));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(api, "/api/items/1"));
    }

    [Fact]
    public async Task Shares_are_kept_and_the_same_seed_gives_the_same_faults_in_whatever_order_requests_come()
    {
        await using var api = await StartAsync();
        var faults = new { seed = 7, statuses = new Dictionary<string, double> { ["500"] = 0.3, ["404"] = 0.2 } };
        var ids = Enumerable.Range(1, 400).ToList();

        await SetAsync(api, faults);
        var first = await FatesAsync(api, ids);
        await SetAsync(api, faults);
        ids.Reverse();
        var again = await FatesAsync(api, ids);
        await SetAsync(api, faults with { seed = 8 });
        var other = await FatesAsync(api, ids);

        Assert.Equal(first.OrderBy(fate => fate.Key), again.OrderBy(fate => fate.Key));
        Assert.NotEqual(first.OrderBy(fate => fate.Key), other.OrderBy(fate => fate.Key));

        // Six standard deviations.
        Assert.InRange(first.Values.Count(status => status == HttpStatusCode.InternalServerError), 65, 175);
        Assert.InRange(first.Values.Count(status => status == HttpStatusCode.NotFound), 32, 128);
    }

    [Fact]
    public async Task An_address_that_failed_may_succeed_when_it_is_asked_for_again()
    {
        await using var api = await StartAsync();
        await SetAsync(api, new { statuses = new Dictionary<string, double> { ["503"] = 0.5 } });

        var statuses = new List<HttpStatusCode>();
        for (var attempt = 0; attempt < 40; attempt++)
            statuses.Add(await StatusAsync(api, "/api/items/1"));

        Assert.Contains(HttpStatusCode.OK, statuses);
        Assert.Contains(HttpStatusCode.ServiceUnavailable, statuses);
    }

    [Theory]
    [InlineData("Seconds", "7")]
    [InlineData("None", null)]
    public async Task Retry_After_takes_the_shape_that_was_asked_for(string shape, string? expected)
    {
        await using var api = await StartAsync();
        await SetAsync(api, new { statuses = new Dictionary<string, double> { ["429"] = 1 }, retryAfter = shape, retryAfterSeconds = 7 });

        using var answer = await api.Client.GetAsync("/api/items/1", Stop);

        Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
        Assert.Equal(expected, answer.Headers.NonValidated.TryGetValues("Retry-After", out var values) ? values.Single() : null);
    }

    [Fact]
    public async Task Retry_After_may_be_a_date_or_garbage()
    {
        await using var api = await StartAsync();
        await SetAsync(api, new { statuses = new Dictionary<string, double> { ["503"] = 1 }, retryAfter = "Date", retryAfterSeconds = 3600 });
        using var date = await api.Client.GetAsync("/api/items/1", Stop);
        await SetAsync(api, new { statuses = new Dictionary<string, double> { ["503"] = 1 }, retryAfter = "Garbage" });
        using var garbage = await api.Client.GetAsync("/api/items/1", Stop);

        Assert.InRange(date.Headers.RetryAfter!.Date!.Value, TimeProvider.System.GetUtcNow().AddMinutes(50), TimeProvider.System.GetUtcNow().AddMinutes(61));
        Assert.Null(garbage.Headers.RetryAfter);
        Assert.True(garbage.Headers.NonValidated.Contains("Retry-After"));
    }

    [Fact]
    public async Task Connections_are_cut_without_an_answer()
    {
        await using var api = await Catalogue.ListenAsync(postgres, Stop);
        await SetAsync(api, new { dropped = 1.0 });

        await Assert.ThrowsAsync<HttpRequestException>(() => api.Client.GetAsync("/api/items", Stop));
    }

    [Fact]
    public async Task Named_items_and_days_fail_for_ever_and_others_never()
    {
        await using var api = await StartAsync();
        await SetAsync(api, new { failingIds = (string[])["3", "2025-02-01"] });

        foreach (var address in (string[])["/api/items/3", "/api/items/3", "/api/records?date=2025-02-01", "/api/records?limit=5&date=2025-02-01"])
            Assert.Equal(HttpStatusCode.InternalServerError, await StatusAsync(api, address));
        foreach (var address in (string[])["/api/items/4", "/api/items?page=3", "/api/records?date=2025-02-02"])
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(api, address));
    }

    [Fact]
    public async Task A_secret_limit_refuses_what_is_beyond_it()
    {
        await using var api = await StartAsync();
        await SetAsync(api, new { secretLimit = new { permits = 5, windowMilliseconds = 3_600_000 } });

        var statuses = new List<HttpStatusCode>();
        for (var request = 0; request < 7; request++)
            statuses.Add(await StatusAsync(api, $"/api/items/{request + 1}"));
        using var refused = await api.Client.GetAsync("/api/items/1", Stop);

        Assert.Equal([.. Enumerable.Repeat(HttpStatusCode.OK, 5), HttpStatusCode.TooManyRequests, HttpStatusCode.TooManyRequests], statuses);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromMinutes(50), TimeSpan.FromHours(1));
    }

    [Theory]
    [InlineData("", "body")]
    [InlineData("null", "body")]
    [InlineData("{\"nosuch\":1}", "nosuch")]
    [InlineData("{\"retryAfter\":\"Later\"}", "retryAfter")]
    [InlineData("{\"dropped\":\"x\"}", "dropped")]
    [InlineData("{\"statuses\":{\"200\":0.1,\"500\":2},\"dropped\":-1}", "dropped", "statuses", "statuses.200", "statuses.500")]
    [InlineData("{\"latencyMilliseconds\":-1,\"jitterMilliseconds\":60001,\"retryAfterSeconds\":-1}", "jitterMilliseconds", "latencyMilliseconds", "retryAfterSeconds")]
    [InlineData("{\"secretLimit\":{\"permits\":0}}", "secretLimit.permits", "secretLimit.windowMilliseconds")]
    public async Task Settings_that_cannot_be_kept_are_named_by_field_and_change_nothing(string body, params string[] fields)
    {
        await using var api = await StartAsync();
        await SetAsync(api, new { failingIds = (string[])["3"] });

        using var answer = await api.Client.PutAsync("/faults", new StringContent(body, null, "application/json"), Stop);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Stop);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(fields, problem.GetProperty("errors").EnumerateObject().Select(error => error.Name).Order(StringComparer.Ordinal));
        Assert.Equal(HttpStatusCode.InternalServerError, await StatusAsync(api, "/api/items/3"));
    }

    private async Task<Catalogue> StartAsync(params (string Key, string Value)[] settings) => await Catalogue.StartAsync(
        await postgres.Server.CreateDatabaseAsync(cancellationToken: Stop), items: 500, Stop, settings);

    private static async Task SetAsync(Catalogue api, object faults)
    {
        using var answer = await api.Client.PutAsJsonAsync("/faults", faults, Stop);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static async Task<Dictionary<int, HttpStatusCode>> FatesAsync(Catalogue api, IEnumerable<int> ids)
    {
        Dictionary<int, HttpStatusCode> fates = [];
        foreach (var id in ids)
            fates.Add(id, await StatusAsync(api, $"/api/items/{id}"));
        return fates;
    }

    private static async Task<HttpStatusCode> StatusAsync(Catalogue api, string address)
    {
        using var answer = await api.Client.GetAsync(address, Stop);
        return answer.StatusCode;
    }
}
