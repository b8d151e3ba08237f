using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Sluice.RateLimiting;

namespace Sluice.Sources.Records;

/// <summary>
/// Writes down waits for the limits and refusals, about a second after they happened and before the process stops.
/// Times travel as ages and become times on the database's clock: the clocks of several hosts never meet. Thread-safe.
/// </summary>
public sealed partial class WaitRecorder(NpgsqlDataSource database, TimeProvider time, ILogger<WaitRecorder> logger)
    : BackgroundService, IOutboundObserver
{
    /// <summary>More than this many, while the database is away, and the oldest are given up.</summary>
    private const int Capacity = 10_000;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock sync = new();
    private List<Wait> waits = [];
    private List<Hit> hits = [];
    private Task lastWrite = Task.CompletedTask;

    public void Waited(OutboundWait wait)
    {
        var cause = wait.Cause.ToString().ToLowerInvariant();
        ImportTelemetry.CountSleep(cause, time.GetElapsedTime(wait.Started, wait.Ended));
        lock (sync)
            Add(waits, new Wait(Guid.Parse(wait.Tag), cause, wait.Started, wait.Ended));
    }

    public void Refused(OutboundRefusal refusal)
    {
        if (refusal.Tag is null)
            return;
        lock (sync)
            Add(hits, new Hit(Guid.Parse(refusal.Tag), time.GetTimestamp(), refusal.RetryAfter));
    }

    /// <summary>Writes what has been recorded until now, and waits for what is being written. Who gives up doesn't stop it.</summary>
    public Task FlushAsync(CancellationToken cancellationToken)
    {
        lock (sync)
        {
            lastWrite = WriteAfterAsync(lastWrite);
            return lastWrite.WaitAsync(cancellationToken);
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryFlushAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (!stoppingToken.IsCancellationRequested)
        {
            await timer.WaitForNextTickAsync(stoppingToken);
            await TryFlushAsync(stoppingToken);
        }
    }

    private async Task TryFlushAsync(CancellationToken cancellationToken)
    {
        try
        {
            await FlushAsync(cancellationToken);
        }
        catch (NpgsqlException exception)
        {
            LogNotWritten(exception.Message);
        }
    }

    private async Task WriteAfterAsync(Task earlier)
    {
        await earlier.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        var (takenWaits, takenHits) = Take();
        if (takenWaits.Count + takenHits.Count == 0)
            return;
        try
        {
            await WriteAsync(takenWaits, takenHits);
        }
        catch
        {
            PutBack(takenWaits, takenHits);
            throw;
        }
    }

    private async Task WriteAsync(List<Wait> waits, List<Hit> hits)
    {
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(new("""
            insert into import_delays (import_id, cause, started_at, ended_at)
            select id, cause, now() - started * interval '1 second', now() - ended * interval '1 second'
            from unnest($1, $2, $3, $4) as wait (import_id, cause, started, ended)
            join imports on id = wait.import_id
            """)
        {
            Parameters =
            {
                new() { Value = waits.Select(wait => wait.ImportId).ToArray() },
                new() { Value = waits.Select(wait => wait.Cause).ToArray() },
                new() { Value = waits.Select(wait => Age(wait.Started)).ToArray() },
                new() { Value = waits.Select(wait => Age(wait.Ended)).ToArray() },
            },
        });
        batch.BatchCommands.Add(new("""
            insert into import_hits (import_id, at, retry_after)
            select id, now() - hit.age * interval '1 second', hit.retry_after
            from unnest($1, $2, $3) as hit (import_id, age, retry_after)
            join imports on id = hit.import_id
            """)
        {
            Parameters =
            {
                new() { Value = hits.Select(hit => hit.ImportId).ToArray() },
                new() { Value = hits.Select(hit => Age(hit.At)).ToArray() },
                new() { Value = hits.Select(hit => hit.RetryAfter).ToArray() },
            },
        });
        await batch.ExecuteNonQueryAsync();
    }

    private double Age(long timestamp) => time.GetElapsedTime(timestamp).TotalSeconds;

    private (List<Wait>, List<Hit>) Take()
    {
        lock (sync)
        {
            var taken = (waits, hits);
            (waits, hits) = ([], []);
            return taken;
        }
    }

    private void PutBack(List<Wait> oldWaits, List<Hit> oldHits)
    {
        lock (sync)
        {
            waits.InsertRange(0, oldWaits);
            hits.InsertRange(0, oldHits);
        }
    }

    private static void Add<T>(List<T> records, T record)
    {
        if (records.Count >= Capacity)
            records.RemoveRange(0, records.Count - Capacity + 1);
        records.Add(record);
    }

    [LoggerMessage(1, LogLevel.Warning, "Waits and refusals could not be written and are kept: {Reason}", EventName = "WaitsNotWritten")]
    private partial void LogNotWritten(string reason);

    private readonly record struct Wait(Guid ImportId, string Cause, long Started, long Ended);

    private readonly record struct Hit(Guid ImportId, long At, TimeSpan? RetryAfter);
}
