using Microsoft.Extensions.Options;
using Npgsql;
using Sluice.Sources.Options;

namespace Sluice.ImportOrchestrator.Dispatch;

/// <summary>
/// Publishes what is due: newly discovered items, retries, and what was published and lost. Work is claimed, published with the
/// broker's confirm, and only then committed, so that a crash in between publishes it twice rather than never.
/// </summary>
internal sealed partial class Dispatcher(
    DispatchStore store, WorkPublisher publisher, DispatchSignal signal, IOptions<ImportOptions> options, ILogger<Dispatcher> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = options.Value.SweepInterval;
            try
            {
                if (await store.IsAnyRunningAsync(stoppingToken))
                {
                    pause = options.Value.DispatchInterval;
                    await DispatchAsync(stoppingToken);
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // The database or the broker is away; whatever it is, work stays due and the dispatcher must not end.
                LogFailed(exception.Message);
                pause = options.Value.SweepInterval < TimeSpan.FromSeconds(1) ? options.Value.SweepInterval : TimeSpan.FromSeconds(1);
            }

            await signal.WaitAsync(pause, stoppingToken);
        }
    }

    private async Task DispatchAsync(CancellationToken cancellationToken)
    {
        await using var connection = await store.OpenAsync(cancellationToken);
        bool isFull;
        do
        {
            await DispatchPagesAsync(connection, cancellationToken);
            isFull = await DispatchItemsAsync(connection, cancellationToken);
        }
        while (isFull);
        await DispatchStore.RecordRetryWaitsAsync(connection, cancellationToken);
    }

    private async Task DispatchPagesAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var pages = await store.ClaimPagesAsync(connection, cancellationToken);
        if (pages.Count == 0)
            return;
        await publisher.PublishAsync(pages, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        LogPages(pages.Count);
    }

    private async Task<bool> DispatchItemsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var (items, isFull) = await store.ClaimItemsAsync(connection, cancellationToken);
        if (items.Count == 0)
            return false;
        await publisher.PublishAsync(items, isRehearsal: false, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return isFull;
    }

    [LoggerMessage(1, LogLevel.Warning, "Due work could not be published and will be later: {Reason}", EventName = "WorkNotDispatched")]
    private partial void LogFailed(string reason);

    [LoggerMessage(2, LogLevel.Information, "Published {Count} due pages: a retry, or their messages were lost", EventName = "PagesDispatched")]
    private partial void LogPages(int count);
}
