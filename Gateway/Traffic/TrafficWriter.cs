using Microsoft.Extensions.Options;
using Npgsql;
using OpenTelemetry;
using Sluice.ServiceDefaults.Migrations;
using Sluice.ServiceDefaults.Startup;

namespace Sluice.Gateway.Traffic;

/// <summary>Writes what was counted, all that waits in one go. While PostgreSQL is away it tries again and again; nothing else waits for it.</summary>
internal sealed partial class TrafficWriter(
    TrafficRecorder recorder, TrafficQueue queue, TrafficStore store, DeferredMigrations migrations, IOptions<TrafficOptions> options, TimeProvider time,
    ILogger<TrafficWriter> logger) : BackgroundService
{
    /// <summary>The class of SQLSTATE of values that PostgreSQL refuses.</summary>
    private const string DataException = "22";

    private static readonly TimeSpan pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan lastPatience = TimeSpan.FromSeconds(1);

    private readonly List<TrafficBatch> inHand = [];
    private bool isAway;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.Enabled)
            return;

        // A trace a second that tells nothing would hide the others.
        using var quiet = SuppressInstrumentationScope.Begin();
        await UntilDoneAsync(() => migrations.RunAsync(stoppingToken), stoppingToken);
        try
        {
            while (await queue.WaitAsync(stoppingToken))
            {
                Take();
                await UntilDoneAsync(() => WriteAsync(stoppingToken), stoppingToken);
            }
        }
        catch (OperationCanceledException) when (!isAway)
        {
            await WriteLastAsync();
        }
    }

    private async Task WriteLastAsync()
    {
        queue.Add(recorder.Take());
        Take();
        using var patience = new CancellationTokenSource(lastPatience, time);
        try
        {
            await WriteAsync(patience.Token);
        }
        catch (Exception exception) when (exception is NpgsqlException or OperationCanceledException)
        {
            LogAway(exception.Message);
        }
    }

    private void Take()
    {
        while (queue.TryTake(out var batch))
            inHand.Add(batch);
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        if (inHand.Count == 0)
            return;
        var drops = queue.UnreportedDrops;
        try
        {
            await store.WriteAsync(inHand, drops, cancellationToken);
            queue.Written(inHand, drops);
        }
        catch (PostgresException exception) when (exception.SqlState.StartsWith(DataException, StringComparison.Ordinal))
        {
            // It would never get in, and everything behind it neither.
            queue.Drop(inHand.Sum(batch => batch.Requests));
            LogRefused(exception.MessageText);
        }

        inHand.Clear();
    }

    private async Task UntilDoneAsync(Func<Task> work, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await work();
                if (isAway)
                    LogBack(queue.Dropped);
                isAway = false;
                return;
            }
            catch (Exception exception) when (exception is NpgsqlException or StartupException)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!isAway)
                    LogAway(exception.Message);
                isAway = true;
            }

            await Task.Delay(pause, time, cancellationToken);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Traffic cannot be written; it waits, and is dropped when too much of it does: {Reason}", EventName = "TrafficNotWritten")]
    private partial void LogAway(string reason);

    [LoggerMessage(2, LogLevel.Information, "Traffic is written again; {Dropped} decisions have been dropped since the start", EventName = "TrafficWritten")]
    private partial void LogBack(long dropped);

    [LoggerMessage(3, LogLevel.Error, "PostgreSQL refuses traffic, which is dropped: {Reason}", EventName = "TrafficRefused")]
    private partial void LogRefused(string reason);
}
