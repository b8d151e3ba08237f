using System.Collections.Concurrent;
using Npgsql;

namespace Sluice.ItemApi.Sales;

/// <summary>
/// Writes down how many orders this process has accepted for each sale, so that a sale can tell how many are queued. The number itself is
/// written, not what came on top, so that a write that is repeated counts once. Thread-safe.
/// </summary>
internal sealed partial class SaleIntake(NpgsqlDataSource database, TimeProvider time, ILogger<SaleIntake> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly Guid instance = Guid.CreateVersion7(time.GetUtcNow());
    private readonly ConcurrentDictionary<Guid, Count> counts = new();

    private const string Upsert = """
        insert into sale_intake (sale_id, instance, accepted)
        select sale_id, $3, accepted from unnest($1, $2) as counted (sale_id, accepted)
        on conflict (sale_id, instance) do update set accepted = excluded.accepted
        """;

    public void Accepted(Guid? saleId)
    {
        if (saleId is { } id)
            Interlocked.Increment(ref counts.GetOrAdd(id, static _ => new Count()).Accepted);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await WriteAsync(cancellationToken);
        }
        catch (OperationCanceledException exception)
        {
            LogNotWritten(exception.Message);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            await WriteAsync(stoppingToken);
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        var changed = counts.Select(count => (SaleId: count.Key, Count: count.Value, Accepted: Volatile.Read(ref count.Value.Accepted)))
            .Where(count => count.Accepted != count.Count.Written).ToList();
        if (changed.Count == 0)
            return;
        try
        {
            await using var command = database.CreateCommand(Upsert);
            command.Parameters.Add(new() { Value = changed.Select(count => count.SaleId).ToArray() });
            command.Parameters.Add(new() { Value = changed.Select(count => count.Accepted).ToArray() });
            command.Parameters.Add(new() { Value = instance });
            await command.ExecuteNonQueryAsync(cancellationToken);
            foreach (var (_, count, accepted) in changed)
                count.Written = accepted;
        }
        catch (NpgsqlException exception)
        {
            LogNotWritten(exception.Message);
        }
    }

    private sealed class Count
    {
        public long Accepted;

        public long Written { get; set; }
    }

    [LoggerMessage(1, LogLevel.Warning, "How many orders are queued could not be written down: {Reason}", EventName = "IntakeNotWritten")]
    private partial void LogNotWritten(string reason);
}
