using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Contracts;

namespace Sluice.Cli.Tests;

/// <summary>An import's events.</summary>
internal static class Story
{
    public static Guid Id { get; } = Guid.Parse("01990000-0000-7000-8000-000000000001");

    public static ImportSnapshot Import(string status, int imported, int failed = 0, string reason = "50 per 2 s")
    {
        var isOver = status is not (ImportStatus.Running or ImportStatus.Paused);
        var started = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        return new(
            Id, "items", status, Fresh: true, FailureReason: null, started, isOver ? started.AddSeconds(12) : null, DurationSeconds: 12,
            TotalCount: 1200, imported, failed, 1200 - imported - failed, imported, PagesDiscovered: 12, DiscoveryEnded: true, ItemsCleared: false,
            RateLimitHitsCount: 0, RateLimitSleepsCount: 3, TotalSleepSeconds: 8, ActiveSeconds: 4, Efficiency: 1,
            RequestsCount: imported, TheoreticalSeconds: 11.5, OptimumShare: 0.96, null, null, null, null,
            [new("ledger", 3, 8)], ItemsPerSecond: imported / 12.0, isOver ? null : new(started, 30, 900, false, "limit", reason));
    }

    /// <summary>Begins an answer of events.</summary>
    public static async Task BeginAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        await context.Response.StartAsync(context.RequestAborted);
    }

    public static async Task TellAsync(this HttpContext context, string name, int number, ImportSnapshot import)
    {
        var data = JsonSerializer.Serialize(import, JsonSerializerOptions.Web);
        await context.Response.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"event: {name}\nid: {number}\ndata: {data}\n\n"), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }
}
