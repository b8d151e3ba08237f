using Aspire.Dashboard.Resources;
using Aspire.Dashboard.Telemetry;
using Aspire.Hosting.Dashboard;
using System.Text.Json;

namespace Aspire.Dashboard.Live;

/// <summary>Server-sent events: that a page's topics have changed, and the lines of a console.</summary>
internal static class LiveEndpoints
{
    /// <summary>How often a page hears of changes at most: half a second.</summary>
    private static readonly TimeSpan interval = TimeSpan.FromMilliseconds(500);

    /// <summary>Silence for that many intervals is broken by a word, so that a browser notices when nobody is there any more.</summary>
    private const int MaxSilence = 20;

    public static void MapLive(this IEndpointRouteBuilder app)
    {
        app.MapGet("/live", WatchTopicsAsync);
        app.MapGet("/live/console/{id}", WatchConsoleAsync);
    }

    private static async Task WatchTopicsAsync(HttpContext context, string topics, Changes changes, TimeProvider time, IHostApplicationLifetime lifetime)
    {
        var wanted = topics.Split(',').Select(name => Enum.TryParse<Topic>(name, ignoreCase: true, out var topic) ? topic : Topic.Losses).Distinct().ToArray();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        var events = Start(context);
        try
        {
            using var timer = new PeriodicTimer(interval, time);
            var (seen, silence) = (changes.VersionOf(wanted), 0);
            await events.SendAsync("hello", "", ended.Token);
            while (await timer.WaitForNextTickAsync(ended.Token))
            {
                var version = changes.VersionOf(wanted);
                if (version != seen || ++silence == MaxSilence)
                {
                    await events.SendAsync(version != seen ? "changed" : "quiet", "", ended.Token);
                    (seen, silence) = (version, 0);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The page was left.
        }
    }

    private static async Task WatchConsoleAsync(HttpContext context, string id, AppHostClient appHost, IHostApplicationLifetime lifetime)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        var events = Start(context);
        try
        {
            await events.SendAsync("hello", "", ended.Token);
            await foreach (var lines in appHost.ConsoleAsync(id, ended.Token))
                await events.SendAsync("lines", JsonSerializer.Serialize(lines, ResourceJson.Default.ConsoleLineArray), ended.Token);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            // The page was left, or the AppHost has gone: the browser asks again.
        }
    }

    private static EventStream Start(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        return new EventStream(context.Response);
    }

    private sealed class EventStream(HttpResponse response)
    {
        /// <summary>Waits until the browser has taken it: a slow one hears less, and nobody waits for it.</summary>
        public async Task SendAsync(string name, string data, CancellationToken cancellationToken)
        {
            await response.WriteAsync($"event: {name}\ndata: {data}\n\n", cancellationToken);
            await response.Body.FlushAsync(cancellationToken);
        }
    }
}
