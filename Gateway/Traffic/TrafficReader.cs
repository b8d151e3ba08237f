using Dapper;
using Microsoft.Extensions.Options;
using Npgsql;
using Sluice.Contracts.Traffic;

namespace Sluice.Gateway.Traffic;

/// <summary>Reads a window of traffic: whole minutes, and the seconds before the first of them.</summary>
internal sealed class TrafficReader(NpgsqlDataSource database, TrafficQueue queue, IOptions<TrafficOptions> options, TimeProvider time)
{
    private const int MostClients = 10;
    private const int PatienceSeconds = 10;

    private const string Routes = """
        select route, policy, strategy, outcome, sum(requests)::bigint as requests, sum(measured)::bigint as measured,
          sum(limits)::bigint as limits, sum(remaining)::bigint as remaining
        from (
          select * from traffic_seconds where at >= @from and at < @minute
          union all select * from traffic_minutes where at >= @minute) as traffic
        group by route, policy, strategy, outcome
        """;

    private const string BlockedClients = """
        select client, policy, blocked, total from (
          select client, policy, sum(requests)::bigint as total,
            (sum(requests) filter (where outcome in ('blocked', 'failed-closed')))::bigint as blocked
          from (
            select * from traffic_seconds where at >= @from and at < @minute
            union all select * from traffic_minutes where at >= @minute) as traffic
          where client <> @others
          group by client, policy) as clients
        where blocked > 0
        order by blocked desc, client, policy
        limit @most
        """;

    private const string Latencies = """
        select route, bucket, sum(requests)::bigint as requests from traffic_latencies where at >= @latencyFrom group by route, bucket
        """;

    private const string Drops = "select coalesce(sum(requests), 0)::bigint from traffic_drops where at >= @latencyFrom";

    private static readonly string secondPoints = PointsOf("traffic_seconds");
    private static readonly string minutePoints = PointsOf("traffic_minutes");

    /// <exception cref="NpgsqlException">PostgreSQL doesn't answer.</exception>
    public async Task<TrafficSnapshot> ReadAsync(TrafficWindow window, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var from = window.From(now, options.Value.KeepSeconds);
        var minute = TrafficStore.MinuteOf(from + TimeSpan.FromTicks(TimeSpan.TicksPerMinute - 1));
        var asOf = queue.WrittenUntil;
        var step = window.StepSeconds(options.Value.KeepSeconds);
        var stretch = TimeSpan.FromSeconds(step);
        var (seriesFrom, seriesTo) = (StepOf(from + stretch - TimeSpan.FromTicks(1), stretch), StepOf(asOf, stretch));
        List<string> queries = [Routes, BlockedClients, Latencies, Drops];
        if (window.WithSeries)
            queries.Add(step < 60 ? secondPoints : minutePoints);

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var results = await connection.QueryMultipleAsync(new CommandDefinition(
            string.Join(";\n", queries),
            new
            {
                from,
                minute,
                latencyFrom = TrafficStore.MinuteOf(from),
                others = BusiestClients.Others,
                most = MostClients,
                step = (double)step,
                seriesFrom,
                seriesTo,
            },
            commandTimeout: PatienceSeconds,
            cancellationToken: cancellationToken));
        var decisions = (await results.ReadAsync<DecisionSum>()).AsList();
        var clients = (await results.ReadAsync<BlockedClient>()).AsList();
        var latencies = (await results.ReadAsync<LatencySum>()).AsList();
        var drops = await results.ReadSingleAsync<long>() + queue.UnreportedDrops;
        var series = window.WithSeries ? TrafficSums.SeriesOf([.. await results.ReadAsync<PointSum>()], seriesFrom, seriesTo, step) : null;

        var sum = new TrafficSums(decisions);
        return new(
            window.Length.TotalSeconds, from, asOf, sum.Total, sum.Allowed, sum.Blocked, sum.BlockRate, sum[Outcome.Shadow], sum[Outcome.FailedOpen],
            sum[Outcome.FailedClosed], TrafficSums.LatencyOf(latencies), TrafficSums.RoutesOf(decisions, latencies), clients, queue.Pending, drops, series);
    }

    private static DateTimeOffset StepOf(DateTimeOffset moment, TimeSpan step) =>
        DateTimeOffset.UnixEpoch + ((moment - DateTimeOffset.UnixEpoch).Ticks / step.Ticks * step);

    private static string PointsOf(string table) => $"""
        select date_bin(make_interval(secs => @step), at, timestamptz 'epoch') as at, outcome, sum(requests)::bigint as requests
        from {table} where at >= @seriesFrom and at < @seriesTo group by 1, 2
        """;
}
