using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Npgsql;
using Sluice.ImportOrchestrator.Api;
using HttpJsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace Sluice.ImportOrchestrator.Events;

/// <summary>
/// Tells of an import as it changes: <c>snapshot</c> at first, <c>progress</c> with each change, at most one per interval, and <c>end</c>,
/// after which there is nothing more.
/// </summary>
public static partial class EventEndpoints
{
    public static void MapImportEvents(this IEndpointRouteBuilder routes) => routes.MapGet("/imports/{id}/events", WatchAsync);

    private static async Task<IResult> WatchAsync(
        string id, HttpContext context, ImportFeed feed, IOptions<EventOptions> options, IOptions<HttpJsonOptions> json,
        IHostApplicationLifetime lifetime, TimeProvider time, ILogger<EventWriter> logger)
    {
        if (!Guid.TryParse(id, out var importId))
            return ImportAnswers.NoId(id);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        if (await feed.ReadAsync(importId, options.Value.Interval, over.Token) is not { } first)
            return ImportAnswers.NotFound(importId);

        // Who has seen the end comes back because the connection was closed; this answer tells an EventSource to stay away.
        var lastSeen = context.Request.Headers["Last-Event-ID"].ToString();
        if (first.IsFinal && lastSeen == first.Id)
            return TypedResults.NoContent();

        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        var writer = new EventWriter(context.Response, json.Value.SerializerOptions);
        try
        {
            await writer.BeginAsync(over.Token);
            if (lastSeen == first.Id)
                await writer.BeatAsync(over.Token);
            else
                await writer.SendAsync("snapshot", first.Id, first.Import, over.Token);
            await FollowAsync(importId, first, writer, feed, options.Value, time, logger, over.Token);
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            LogLeft(logger, importId);
        }

        return Results.Empty;
    }

    private static async Task FollowAsync(
        Guid importId, ImportState state, EventWriter writer, ImportFeed feed, EventOptions options, TimeProvider time, ILogger logger,
        CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(options.Interval, time);
        var lastSent = time.GetTimestamp();
        while (!state.IsFinal)
        {
            await timer.WaitForNextTickAsync(cancellationToken);
            var (isThere, current) = await TryReadAsync(importId, state, feed, options.Interval, logger, cancellationToken);
            if (!isThere)
                return;
            var isNew = current.Id != state.Id;
            state = current;
            if (isNew && !state.IsFinal)
                await writer.SendAsync("progress", state.Id, state.Import, cancellationToken);
            else if (time.GetElapsedTime(lastSent) >= options.Heartbeat)
                await writer.BeatAsync(cancellationToken);
            else
                continue;
            lastSent = time.GetTimestamp();
        }

        await writer.SendAsync("end", state.Id, state.Import, cancellationToken);
    }

    /// <returns>The state as it was where the database is away, and whether there still is such an import.</returns>
    private static async Task<(bool IsThere, ImportState State)> TryReadAsync(
        Guid importId, ImportState state, ImportFeed feed, TimeSpan interval, ILogger logger, CancellationToken cancellationToken)
    {
        try
        {
            return await feed.ReadAsync(importId, interval, cancellationToken) is { } current ? (true, current) : (false, state);
        }
        catch (NpgsqlException exception)
        {
            LogNotRead(logger, importId, exception.Message);
            return (true, state);
        }
    }

    [LoggerMessage(1, LogLevel.Debug, "Nobody watches import {ImportId} here any more", EventName = "WatchLeft")]
    private static partial void LogLeft(ILogger logger, Guid importId);

    [LoggerMessage(2, LogLevel.Warning, "Import {ImportId} could not be read for those who watch it: {Reason}", EventName = "WatchNotRead")]
    private static partial void LogNotRead(ILogger logger, Guid importId, string reason);
}
