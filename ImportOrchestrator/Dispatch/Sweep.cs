using Microsoft.Extensions.Options;
using Npgsql;
using Sluice.Sources.Records;
using Sluice.Sources.Options;

namespace Sluice.ImportOrchestrator.Dispatch;

/// <summary>Ends imports that nobody was left to end, lets those go on whose pause is over, and puts down what was reported after an import's end.</summary>
internal sealed partial class Sweep(
    NpgsqlDataSource database, ImportEnd end, ImportPause pause, DispatchSignal dispatch, IOptions<ImportOptions> options, TimeProvider time, ILogger<Sweep> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.SweepInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                foreach (var importId in await RunningAsync(stoppingToken))
                    if (await end.TryCompleteAsync(importId, stoppingToken))
                        LogCompleted(importId);
                await ResumeAsync(stoppingToken);
                await RecountAsync(stoppingToken);
            }
            catch (NpgsqlException exception)
            {
                LogFailed(exception.Message);
            }
        }
    }

    private async Task<List<Guid>> RunningAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            update imports set finalize_attempts = finalize_attempts + 1, last_finalize_attempt_at = now()
            where id in (
              select id from imports where status = 'running' and discovery_ended_at is not null for no key update skip locked)
            returning id
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<Guid> running = [];
        while (await reader.ReadAsync(cancellationToken))
            running.Add(reader.GetGuid(0));
        return running;
    }

    private async Task ResumeAsync(CancellationToken cancellationToken)
    {
        foreach (var importId in await pause.ResumeDueAsync(cancellationToken))
        {
            LogResumed(importId);
            dispatch.Set();
        }
    }

    private async Task RecountAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            update imports set
              (rate_limit_sleeps_count, total_sleep_seconds) = (select sleeps, seconds from count_sleeps(imports.id)),
              rate_limit_hits_count = (select count(*) from import_hits where import_id = imports.id)
            where ended_at > now() - interval '1 minute' - $1
            """);
        command.Parameters.Add(new() { Value = options.Value.SweepInterval });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    [LoggerMessage(1, LogLevel.Information, "Import {ImportId} is completed", EventName = "ImportCompleted")]
    private partial void LogCompleted(Guid importId);

    [LoggerMessage(3, LogLevel.Information, "Import {ImportId} goes on: its pause is over", EventName = "ImportResumed")]
    private partial void LogResumed(Guid importId);

    [LoggerMessage(2, LogLevel.Warning, "The sweep failed and will be repeated: {Reason}", EventName = "SweepFailed")]
    private partial void LogFailed(string reason);
}
