using System.Text;
using System.Text.Json;

namespace Sluice.ImportOrchestrator.Events;

/// <summary>Server-sent events, by the HTML standard. Each is on its way when the call returns.</summary>
internal sealed class EventWriter(HttpResponse response, JsonSerializerOptions json)
{
    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-cache, no-store";

        // For proxies of nginx's kind.
        response.Headers["X-Accel-Buffering"] = "no";
        await response.StartAsync(cancellationToken);
    }

    public Task SendAsync<T>(string name, string id, T data, CancellationToken cancellationToken) =>
        SendAsync($"event: {name}\nid: {id}\ndata: {JsonSerializer.Serialize(data, json)}\n\n", cancellationToken);

    /// <summary>Nobody sees it but what is in between.</summary>
    public Task BeatAsync(CancellationToken cancellationToken) => SendAsync(": still here\n\n", cancellationToken);

    private async Task SendAsync(string text, CancellationToken cancellationToken)
    {
        await response.WriteAsync(text, Encoding.UTF8, cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
    }
}
