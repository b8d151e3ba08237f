using Npgsql;
using Sluice.RateLimiting;

namespace Sluice.Sources.Records;

/// <summary>Remembers in PostgreSQL, on its clock, until when a ledger may have sent requests of an account.</summary>
internal sealed class PostgresLedgerJournal(NpgsqlDataSource database) : ILedgerJournal
{
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
}
