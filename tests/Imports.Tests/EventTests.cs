using System.Net;
using Sluice.Contracts;
using Sluice.ImportTests.World;
using Sluice.Testing;

namespace Sluice.ImportTests;

public sealed class EventTests(Servers servers)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_watches_sees_the_import_as_it_is_each_change_and_its_end()
    {
        await using var api = await FakeApi.StartAsync(items: 30);
        var gate = new Gate();
        api.OnDetail = (context, id, _) => id == "30" ? gate.PassAsync(context) : Task.FromResult(false);
        await using var system = await ImportSystem.StartAsync(servers, api);
        var id = await system.ImportAsync();
        await system.UntilAsync(id, import => import.ImportedCount == 29, "29 items are imported");

        await using var events = await EventStream.WatchAsync(system.Client, id);
        var snapshot = await events.NextAsync();
        Assert.Equal(("snapshot", 29), (snapshot!.Value.EventType, snapshot.Value.Data.ImportedCount));
        gate.Open();
        var rest = await events.RestAsync();

        Assert.Equal("end", rest[^1].EventType);
        Assert.Equal((ImportStatus.Completed, 30), (rest[^1].Data.Status, rest[^1].Data.ImportedCount));
        Assert.All(rest[..^1], item => Assert.Equal("progress", item.EventType));
        Assert.Equal(rest.Count + 1, rest.Select(item => item.EventId).Append(snapshot.Value.EventId).Distinct().Count());
    }

    [Fact]
    public async Task Who_comes_back_with_what_was_seen_last_gets_only_what_is_new()
    {
        await using var api = await FakeApi.StartAsync(items: 10);
        var gate = new Gate();
        api.OnDetail = (context, _, _) => gate.PassAsync(context);
        await using var system = await ImportSystem.StartAsync(servers, api);
        var id = await system.ImportAsync();
        await system.UntilAsync(id, import => import.DiscoveryEnded, "discovery ends");
        string lastSeen;
        await using (var first = await EventStream.WatchAsync(system.Client, id))
            lastSeen = (await first.NextAsync())!.Value.EventId!;

        await using var second = await EventStream.WatchAsync(system.Client, id, lastSeen);
        gate.Open();
        var rest = await second.RestAsync();

        Assert.DoesNotContain(rest, item => item.EventType == "snapshot" || item.EventId == lastSeen);
        using var third = await EventStream.OpenAsync(system.Client, id, rest[^1].EventId);
        Assert.Equal(HttpStatusCode.NoContent, third.StatusCode);
    }

    [Fact]
    public async Task While_nothing_changes_a_comment_keeps_the_connection()
    {
        await using var api = await FakeApi.StartAsync(items: 10);
        var gate = new Gate();
        api.OnDetail = (context, _, _) => gate.PassAsync(context);
        await using var system = await ImportSystem.StartAsync(servers, api, 1, ("Events:Heartbeat", "00:00:00.050"));
        var id = await system.ImportAsync();
        await gate.ArrivedAsync(10);

        using var response = await EventStream.OpenAsync(system.Client, id);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Cancellation));
        List<string> comments = [];
        while (comments.Count < 3 && await reader.ReadLineAsync(Cancellation).AsTask().WaitAsync(Deadline.Default, Cancellation) is { } line)
            if (line.StartsWith(':'))
                comments.Add(line);

        Assert.Equal(3, comments.Count);
    }

    [Fact]
    public async Task An_import_that_has_ended_is_shown_and_the_stream_ends()
    {
        await using var api = await FakeApi.StartAsync(items: 0);
        await using var system = await ImportSystem.StartAsync(servers, api, workers: 0);
        var id = await system.ImportAsync();
        await system.UntilCompletedAsync(id);

        await using var events = await EventStream.WatchAsync(system.Client, id);

        Assert.Equal(["snapshot", "end"], (await events.RestAsync()).Select(item => item.EventType));
    }

    [Fact]
    public async Task An_orchestrator_that_stops_ends_the_streams()
    {
        await using var api = await FakeApi.StartAsync(items: 10);
        await using var system = await ImportSystem.StartAsync(servers, api, workers: 0);
        var id = await system.ImportAsync();
        await using var events = await EventStream.WatchAsync(system.Client, id);
        await events.NextAsync();

        var stopped = system.StopOrchestratorAsync();
        Assert.DoesNotContain(await events.RestAsync(), item => item.EventType == "end");

        await stopped.Within();
    }

    [Theory]
    [InlineData("abc", HttpStatusCode.BadRequest)]
    [InlineData("0190163d-8694-739b-aea5-966c26f8ad91", HttpStatusCode.NotFound)]
    public async Task What_cannot_be_watched_is_named(string id, HttpStatusCode status)
    {
        await using var api = await FakeApi.StartAsync(items: 0);
        await using var system = await ImportSystem.StartAsync(servers, api, workers: 0);

        using var response = await system.Client.GetAsync($"/imports/{id}/events", Cancellation);

        Assert.Equal(status, response.StatusCode);
        Assert.Equal(["id"], await response.FaultyFieldsAsync());
    }
}
