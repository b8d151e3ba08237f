using Microsoft.Extensions.Options;
using Npgsql;

namespace Sluice.Gateway.Traffic;

/// <summary>Adds what was counted to what is there. One at a time may write.</summary>
internal sealed class TrafficStore(NpgsqlDataSource database, IOptions<TrafficOptions> options)
{
    /// <summary>Who is busy in one second need not be in another, but a minute's names must have an end.</summary>
    private const int MinuteClients = 5;

    private const string AddLatencies = """
        insert into traffic_latencies as there (at, route, bucket, requests)
        select at, route, bucket, sum(requests)::bigint
        from unnest($1::timestamptz[], $2::text[], $3::integer[], $4::bigint[]) as counted(at, route, bucket, requests)
        group by at, route, bucket
        order by at, route, bucket
        on conflict (at, route, bucket) do update set requests = there.requests + excluded.requests
        """;

    private const string AddDrops = """
        insert into traffic_drops as there (at, requests) values ($1, $2)
        on conflict (at) do update set requests = there.requests + excluded.requests
        """;

    private static readonly string addSeconds = AddRowsTo("traffic_seconds");
    private static readonly string addMinutes = AddRowsTo("traffic_minutes");

    private readonly HashSet<string> named = new(StringComparer.Ordinal);
    private DateTimeOffset minuteOfNamed;

    /// <param name="batches">What was counted, the oldest first.</param>
    /// <param name="drops">What could not be kept in between.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task WriteAsync(IReadOnlyList<TrafficBatch> batches, long drops, CancellationToken cancellationToken)
    {
        List<(DateTimeOffset At, RowKey Key, Tally Tally)> seconds = [], minutes = [];
        foreach (var batch in batches)
        {
            seconds.AddRange(batch.Rows.Select(row => (batch.At, row.Key, row.Value)));
            var minute = MinuteOf(batch.At);
            minutes.AddRange(BusiestClients.Merge(batch.Rows, client => IsNamed(minute, client)).Select(row => (minute, row.Key, row.Value)));
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var all = new NpgsqlBatch(connection, transaction)
        {
            // A second of figures may be lost with the server; a flush to disk each second is not worth it.
            BatchCommands = { new("set local synchronous_commit = off"), Rows(addSeconds, seconds), Rows(addMinutes, minutes), Latencies(batches) },
        };
        if (drops > 0)
            all.BatchCommands.Add(Command(AddDrops, MinuteOf(batches[^1].At), drops));
        await all.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    public static DateTimeOffset MinuteOf(DateTimeOffset moment) => new(moment.UtcTicks - (moment.UtcTicks % TimeSpan.TicksPerMinute), TimeSpan.Zero);

    private bool IsNamed(DateTimeOffset minute, string client)
    {
        if (minute != minuteOfNamed)
            named.Clear();
        minuteOfNamed = minute;
        return named.Contains(client) || (named.Count < options.Value.Clients * MinuteClients && named.Add(client));
    }

    // In the order of the key: two gateways that lock the same rows do so one after the other.
    private static string AddRowsTo(string table) => $"""
        insert into {table} as there (at, route, policy, strategy, client, outcome, requests, measured, limits, remaining)
        select at, route, policy, strategy, client, outcome,
          sum(requests)::bigint, sum(measured)::bigint, sum(limits)::bigint, sum(remaining)::bigint
        from unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[])
          as counted(at, route, policy, strategy, client, outcome, requests, measured, limits, remaining)
        group by at, route, policy, strategy, client, outcome
        order by at, route, policy, strategy, client, outcome
        on conflict (at, route, policy, strategy, client, outcome) do update set
          requests = there.requests + excluded.requests, measured = there.measured + excluded.measured,
          limits = there.limits + excluded.limits, remaining = there.remaining + excluded.remaining
        """;

    private static NpgsqlBatchCommand Rows(string sql, List<(DateTimeOffset At, RowKey Key, Tally Tally)> rows) => Command(
        sql,
        rows.Select(row => row.At).ToArray(), rows.Select(row => row.Key.Route).ToArray(), rows.Select(row => row.Key.Policy).ToArray(),
        rows.Select(row => row.Key.Strategy).ToArray(), rows.Select(row => row.Key.Client).ToArray(),
        rows.Select(row => Outcomes.Names[(int)row.Key.Outcome]).ToArray(), rows.Select(row => row.Tally.Requests).ToArray(),
        rows.Select(row => row.Tally.Measured).ToArray(), rows.Select(row => row.Tally.Limits).ToArray(), rows.Select(row => row.Tally.Remaining).ToArray());

    private static NpgsqlBatchCommand Latencies(IReadOnlyList<TrafficBatch> batches)
    {
        var rows = batches.SelectMany(batch => batch.Latencies.Select(row => (At: MinuteOf(batch.At), row.Key, Requests: row.Value))).ToList();
        return Command(
            AddLatencies,
            rows.Select(row => row.At).ToArray(), rows.Select(row => row.Key.Route).ToArray(), rows.Select(row => row.Key.Bucket).ToArray(),
            rows.Select(row => row.Requests).ToArray());
    }

    private static NpgsqlBatchCommand Command(string sql, params ReadOnlySpan<object> values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        return command;
    }
}
