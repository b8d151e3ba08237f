using Npgsql;
using Sluice.RateLimiting;

namespace Sluice.Sources.Records;

/// <summary>
/// Remembers in PostgreSQL, on its clock, until when a ledger may have sent requests of an account; and what the account has used of its quotas.
/// </summary>
internal sealed class PostgresLedgerJournal(NpgsqlDataSource database) : ILedgerJournal
{
    // A period that begins takes those with it that nobody asks for any more.
    private const string Begin = """
        with begun as (
          insert into quota_uses (account, period, ends_at) select $1, period, ends_at from unnest($2, $3) as wanted (period, ends_at)
          on conflict do nothing
          returning ends_at
        )
        delete from quota_uses where account = $1 and ends_at < (select min(ends_at) from begun) - interval '40 days'
        """;

    // So that the next statement sees what others have charged. Always in the same order.
    private const string Hold = "select from quota_uses where account = $1 and period = any($2) order by period for update";

    private const string Charge = """
        with wanted as (
          select * from unnest($2, $3) with ordinality as wanted (period, most, number)
        ), room as (
          select least($4, greatest(0, min(most - used)))::int as granted from wanted join quota_uses using (period) where account = $1
        ), charged as (
          update quota_uses set used = greatest(0, used + granted) from room where account = $1 and period = any($2)
          returning period, used, granted
        )
        select granted, used from charged join wanted using (period) order by number
        """;

    public async ValueTask<TimeSpan?> SinceHorizonAsync(string account, CancellationToken cancellationToken = default)
    {
        await using var command = database.CreateCommand("select clock_timestamp() - horizon from ledger_horizons where account = $1");
        command.Parameters.Add(new() { Value = account });
        return (TimeSpan?)await command.ExecuteScalarAsync(cancellationToken);
    }

    public async ValueTask ExtendAsync(string account, TimeSpan ahead, CancellationToken cancellationToken = default)
    {
        await using var command = database.CreateCommand("""
            insert into ledger_horizons (account, horizon) values ($1, clock_timestamp() + $2)
            on conflict (account) do update set horizon = greatest(ledger_horizons.horizon, excluded.horizon)
            """);
        command.Parameters.Add(new() { Value = account });
        command.Parameters.Add(new() { Value = ahead });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <remarks>One transaction: whoever comes meanwhile waits for its end.</remarks>
    public async ValueTask<QuotaCharge> ChargeAsync(
        string account, IReadOnlyList<QuotaPeriod> periods, int requests, CancellationToken cancellationToken = default)
    {
        var keys = periods.Select(period => period.Key).ToArray();
        await using var batch = database.CreateBatch();
        Add(Begin, account, keys, periods.Select(period => period.End).ToArray());
        Add(Hold, account, keys);
        Add(Charge, account, keys, periods.Select(period => (long)period.Limit).ToArray(), requests);

        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        while (reader.FieldCount == 0)
            await reader.NextResultAsync(cancellationToken);
        var granted = 0;
        List<long> used = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            granted = reader.GetInt32(0);
            used.Add(reader.GetInt64(1));
        }

        return new QuotaCharge(granted, used);

        void Add(string statement, params object[] values)
        {
            var command = new NpgsqlBatchCommand(statement);
            foreach (var value in values)
                command.Parameters.Add(new() { Value = value });
            batch.BatchCommands.Add(command);
        }
    }
}
