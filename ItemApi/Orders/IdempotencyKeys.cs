using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Npgsql;
using NpgsqlTypes;

namespace Sluice.ItemApi.Orders;

/// <summary>What an Idempotency-Key stands for.</summary>
/// <param name="IsAnswered">The order is known to be queued. If not, it is published (again): the same order twice is settled once.</param>
internal readonly record struct KeyedOrder(Guid OrderId, bool IsAnswered, bool IsSameRequest);

/// <summary>
/// Idempotency keys of clients, each for itself. A key is bound to an order before that is published, so that of requests that come at once
/// all publish the same order, and so does who comes again after a crash. Nothing is bound by a request that is refused.
/// </summary>
internal sealed partial class IdempotencyKeys(
    NpgsqlDataSource database, IOptions<OrderOptions> options, TimeProvider time, ILogger<IdempotencyKeys> logger) : BackgroundService
{
    public const string Header = "Idempotency-Key";

    private const int LongestKey = 255;
    private static readonly TimeSpan CleaningInterval = TimeSpan.FromMinutes(10);

    private const string Select = """
        select order_id, answered, fingerprint = $3 from idempotency_keys where client = $1 and key = $2 and created_at > now() - $4
        """;

    private const string Insert = """
        insert into idempotency_keys as bound (client, key, fingerprint, order_id) values ($1, $2, $3, $5)
        on conflict (client, key) do update
          set fingerprint = excluded.fingerprint, order_id = excluded.order_id, answered = false, created_at = now()
          where bound.created_at <= now() - $4
        """;

    /// <returns>The key, null where there is none, and what is wrong with it.</returns>
    public static (string? Key, string? Fault) Read(StringValues header) => header switch
    {
        [] => (null, null),
        [{ } key] when key.Length is > 0 and <= LongestKey && !key.Any(char.IsControl) => (key, null),
        _ => (null, $"{Header} must be given once, with 1 to {LongestKey} characters."),
    };

    /// <summary>Null where the client has not used the key.</summary>
    public async Task<KeyedOrder?> FindAsync(CallingClient client, string key, byte[] fingerprint, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Select);
        AddKey(command.Parameters, client, key, fingerprint);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
    }

    /// <summary>Binds the key to the order, unless it is bound already.</summary>
    public async Task<KeyedOrder> TakeAsync(CallingClient client, string key, byte[] fingerprint, Guid orderId, CancellationToken cancellationToken)
    {
        // The second statement sees what whoever came first has committed: the first waits for it.
        await using var batch = database.CreateBatch();
        var insert = new NpgsqlBatchCommand(Insert);
        AddKey(insert.Parameters, client, key, fingerprint);
        insert.Parameters.Add(new() { Value = orderId });
        var select = new NpgsqlBatchCommand(Select);
        AddKey(select.Parameters, client, key, fingerprint);
        batch.BatchCommands.Add(insert);
        batch.BatchCommands.Add(select);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? Read(reader)
            : throw new InvalidOperationException("An idempotency key expired in the moment in which it was bound.");
    }

    /// <summary>From here on the key is answered without the broker. Where this fails, it is answered with it.</summary>
    public async Task AnsweredAsync(CallingClient client, string key, CancellationToken cancellationToken)
    {
        try
        {
            await using var command = database.CreateCommand("update idempotency_keys set answered = true where client = $1 and key = $2 and not answered");
            command.Parameters.Add(new() { Value = client.Id });
            command.Parameters.Add(new() { Value = key });
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (NpgsqlException exception)
        {
            LogNotKept(exception.Message);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(CleaningInterval, time);
        do
        {
            try
            {
                await using var command = database.CreateCommand("delete from idempotency_keys where created_at <= now() - $1");
                command.Parameters.Add(new() { Value = options.Value.KeyLifetime });
                await command.ExecuteNonQueryAsync(stoppingToken);
            }
            catch (NpgsqlException exception)
            {
                LogNotCleaned(exception.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private void AddKey(NpgsqlParameterCollection parameters, CallingClient client, string key, byte[] fingerprint)
    {
        parameters.Add(new() { Value = client.Id });
        parameters.Add(new() { Value = key });
        parameters.Add(new() { Value = fingerprint });
        parameters.Add(new() { Value = options.Value.KeyLifetime, NpgsqlDbType = NpgsqlDbType.Interval });
    }

    private static KeyedOrder Read(NpgsqlDataReader row) => new(row.GetGuid(0), row.GetBoolean(1), row.GetBoolean(2));

    [LoggerMessage(1, LogLevel.Warning, "An idempotency key's answer was not kept: {Reason}", EventName = "KeyNotKept")]
    private partial void LogNotKept(string reason);

    [LoggerMessage(2, LogLevel.Warning, "Old idempotency keys could not be deleted and will be later: {Reason}", EventName = "KeysNotCleaned")]
    private partial void LogNotCleaned(string reason);
}
