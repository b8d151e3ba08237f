using Microsoft.Extensions.Options;
using Npgsql;
using OpenTelemetry;

namespace Sluice.Gateway.Traffic;

/// <summary>Deletes figures that are older than they are kept, a slice at a time.</summary>
internal sealed partial class TrafficRetention(
    NpgsqlDataSource database, IOptions<TrafficOptions> options, TimeProvider time, ILogger<TrafficRetention> logger) : BackgroundService
{
    private const int Slice = 10_000;

    private static readonly TimeSpan interval = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.Enabled)
            return;
        using var quiet = SuppressInstrumentationScope.Begin();
        using var timer = new PeriodicTimer(interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await DeleteAsync("traffic_seconds", options.Value.KeepSeconds, stoppingToken);
                foreach (var table in (string[])["traffic_minutes", "traffic_latencies", "traffic_drops"])
                    await DeleteAsync(table, options.Value.KeepMinutes, stoppingToken);
            }
            catch (NpgsqlException exception)
            {
                LogFailed(exception.Message);
            }
        }
    }

    private async Task DeleteAsync(string table, TimeSpan kept, CancellationToken cancellationToken)
    {
        // Whoever else cleans, or writes late figures, has the rows that it holds to itself.
        await using var command = database.CreateCommand($"""
            delete from {table} where ctid = any(array(select ctid from {table} where at < $1 order by at limit $2 for update skip locked))
            """);
        command.Parameters.Add(new() { Value = time.GetUtcNow() - kept });
        command.Parameters.Add(new() { Value = Slice });
        while (await command.ExecuteNonQueryAsync(cancellationToken) == Slice)
        {
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Old traffic could not be deleted and will be later: {Reason}", EventName = "TrafficNotDeleted")]
    private partial void LogFailed(string reason);
}
