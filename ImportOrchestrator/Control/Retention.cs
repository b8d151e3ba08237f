using Microsoft.Extensions.Options;
using Npgsql;
using Sluice.Sources.Options;

namespace Sluice.ImportOrchestrator.Control;

/// <summary>Deletes imports that ended longer ago than they are kept.</summary>
internal sealed partial class Retention(ImportRemoval removal, IOptions<ImportOptions> options, TimeProvider time, ILogger<Retention> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.KeepEnded is not { } keep)
            return;
        using var timer = new PeriodicTimer(options.Value.SweepInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                foreach (var importId in await removal.EndedBeforeAsync(keep, stoppingToken))
                    if (await removal.RemoveAsync(importId, stoppingToken))
                        LogDeleted(importId, keep);
            }
            catch (NpgsqlException exception)
            {
                LogFailed(exception.Message);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Import {ImportId} is deleted: it ended more than {Kept} ago", EventName = "ImportDeleted")]
    private partial void LogDeleted(Guid importId, TimeSpan kept);

    [LoggerMessage(2, LogLevel.Warning, "Old imports could not be deleted and will be later: {Reason}", EventName = "ImportsNotDeleted")]
    private partial void LogFailed(string reason);
}
