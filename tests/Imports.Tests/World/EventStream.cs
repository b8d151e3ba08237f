using System.Net.ServerSentEvents;
using System.Text.Json;
using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.ImportTests.World;

/// <summary>Someone who watches an import.</summary>
internal sealed class EventStream : IAsyncDisposable
{
    private readonly HttpResponseMessage response;
    private readonly IAsyncEnumerator<SseItem<ImportSnapshot>> events;

    private EventStream(HttpResponseMessage response, Stream body)
    {
        this.response = response;
        events = SseParser.Create(body, static (_, data) => JsonSerializer.Deserialize<ImportSnapshot>(data, JsonSerializerOptions.Web)!)
            .EnumerateAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator();
    }

    public static async Task<HttpResponseMessage> OpenAsync(HttpClient client, Guid id, string? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/imports/{id}/events");
        if (lastEventId is not null)
            request.Headers.Add("Last-Event-ID", lastEventId);
        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    public static async Task<EventStream> WatchAsync(HttpClient client, Guid id, string? lastEventId = null)
    {
        var response = await OpenAsync(client, id, lastEventId);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        return new EventStream(response, await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>The next event; null: the stream has ended.</summary>
    public async Task<SseItem<ImportSnapshot>?> NextAsync() =>
        await events.MoveNextAsync().AsTask().WaitAsync(Deadline.Default, TestContext.Current.CancellationToken) ? events.Current : null;

    public async Task<List<SseItem<ImportSnapshot>>> RestAsync()
    {
        List<SseItem<ImportSnapshot>> rest = [];
        while (await NextAsync() is { } item)
            rest.Add(item);
        return rest;
    }

    public async ValueTask DisposeAsync()
    {
        await events.DisposeAsync();
        response.Dispose();
    }
}
