using Microsoft.Extensions.Options;
using Npgsql;
using Sluice.Contracts;
using Sluice.ImportOrchestrator.Api;
using Sluice.ImportOrchestrator.Discovery;
using Sluice.ImportOrchestrator.Dispatch;
using Sluice.Sources.Options;
using Sluice.Sources.Reading;
using Sluice.Sources.Records;
using Sluice.Sources.Rehearsal;

namespace Sluice.ImportOrchestrator;

/// <summary>An import from its start to its items' messages, which are dropped by those who get them: the transaction of its rows is rolled back.</summary>
internal sealed class ImportRehearsal(
    NpgsqlDataSource database, ImportStore imports, PageReader pages, DiscoveryStore discovery, DispatchStore dispatch, WorkPublisher publisher,
    WaitRecorder recorder, ImportEnd end, IOptions<ImportOptions> options, TimeProvider time, ILogger<ImportRehearsal> logger)
    : StartRehearsal(options, time, logger)
{
    protected override async Task RehearseAsync(CancellationToken cancellationToken)
    {
        await publisher.PublishAsync([new DiscoverImport(Guid.Empty, 0)], cancellationToken);
        await imports.FindAsync(Guid.Empty, cancellationToken);
        await recorder.FlushAsync(cancellationToken);
        await end.TryCompleteAsync(Guid.Empty, cancellationToken);
        var page = await RehearsalSource.ReadAsync(source => pages.ReadAsync(source, Guid.Empty, PageReader.FirstCursor(source), cancellationToken));
        await publisher.PublishAsync(await ClaimAsync(page, cancellationToken), isRehearsal: true, cancellationToken);
    }

    // Rolled back before anything is published: others that are due stay so.
    private async Task<List<DueItem>> ClaimAsync(ListPage page, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var id = Guid.CreateVersion7(Time.GetUtcNow());
        await ImportStore.InsertAsync(connection, id, RehearsalSource.Name, fresh: false, null, Options.RepublishPageAfter, cancellationToken);
        await discovery.SaveAsync(connection, id, 1, "", page, cancellationToken);
        await dispatch.ClaimPagesAsync(connection, cancellationToken);
        var (items, _) = await dispatch.ClaimItemsAsync(connection, cancellationToken);
        await DispatchStore.RecordRetryWaitsAsync(connection, cancellationToken);
        return [.. items.Where(item => item.Message.ImportId == id)];
    }
}
