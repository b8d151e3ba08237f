using Npgsql;
using NpgsqlTypes;
using Sluice.Contracts;

namespace Sluice.DetailWorker;

/// <summary>An item that is still to be fetched.</summary>
/// <param name="Source">To fetch it from.</param>
/// <param name="IsPaused">Its import is paused: not now.</param>
internal sealed record PendingItem(string Source, bool IsPaused);

/// <summary>
/// The rows of items. Lookups and writes that come together share a statement; while the database is away they wait for it,
/// so that no message is acknowledged before its row is written.
/// </summary>
internal sealed class ItemStore : IAsyncDisposable
{
    private const int LargestBatch = 200;

    // Pending: not said as such, for an index on what is pending would look as good as the unique key to a planner without statistics, and
    // all pending items would be gone through for each message.
    private const string Lookup = """
        select message.number, imports.source, imports.status = 'paused'
        from unnest($1, $2, $3) with ordinality as message (import_id, external_id, failure_count, number)
        join imports on imports.id = message.import_id and imports.ended_at is null
        join imported_items as item on item.import_id = message.import_id and item.external_id = message.external_id
          and item.status not in ('imported', 'failed') and item.failure_count = message.failure_count
        """;

    // An import is held while its items are written: who ends it counts them afterwards. What was under way when it was paused counts too.
    private const string Write = """
        with open as (
          select id from imports where id = any ($1) and ended_at is null for share
        )
        update imported_items as item set
          status = case when outcome.refused and item.refused_count + 1 >= outcome.max_refusals then 'failed' else outcome.status end,
          name = coalesce(outcome.name, item.name),
          description = outcome.description,
          price = outcome.price,
          payload = outcome.payload,
          imported_at = case outcome.status when 'imported' then now() end,
          failure_reason = coalesce(outcome.reason, item.failure_reason),
          failure_count = item.failure_count + outcome.failed::int,
          refused_count = item.refused_count + outcome.refused::int,
          last_failed_at = case when outcome.failed or outcome.refused then now() else item.last_failed_at end,
          next_attempt_at = now() + outcome.delay,
          dispatched = false
        from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) as outcome
          (import_id, external_id, failure_count, status, name, description, price, payload, reason, failed, refused, max_refusals, delay)
        join open on open.id = outcome.import_id
        where item.import_id = outcome.import_id and item.external_id = outcome.external_id
          and item.status not in ('imported', 'failed') and item.failure_count = outcome.failure_count
        """;

    private readonly NpgsqlDataSource database;
    private readonly Coalescer<FetchItemDetail, PendingItem?> lookups;
    private readonly Coalescer<ItemOutcome, bool> writes;

    public ItemStore(NpgsqlDataSource database, DatabaseWait wait)
    {
        this.database = database;
        lookups = new(batch => wait.OnceThereAsync(() => LookupAsync(batch)), LargestBatch);
        writes = new(batch => wait.OnceThereAsync(() => WriteAsync(batch)), LargestBatch);
    }

    /// <summary>Null where the message is out of date.</summary>
    public Task<PendingItem?> FindAsync(FetchItemDetail message, CancellationToken cancellationToken) => lookups.RunAsync(message, cancellationToken);

    /// <summary>Writes the outcome, unless the item has one already.</summary>
    public Task WriteAsync(ItemOutcome outcome, CancellationToken cancellationToken) => writes.RunAsync(outcome, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await lookups.DisposeAsync();
        await writes.DisposeAsync();
    }

    private async Task<IReadOnlyList<PendingItem?>> LookupAsync(IReadOnlyList<FetchItemDetail> messages)
    {
        await using var command = database.CreateCommand(Lookup);
        command.Parameters.Add(new() { Value = messages.Select(message => message.ImportId).ToArray() });
        command.Parameters.Add(new() { Value = messages.Select(message => message.ExternalId).ToArray() });
        command.Parameters.Add(new() { Value = messages.Select(message => message.FailureCount).ToArray() });
        await using var reader = await command.ExecuteReaderAsync();
        var items = new PendingItem?[messages.Count];
        while (await reader.ReadAsync())
            items[reader.GetInt64(0) - 1] = new PendingItem(reader.GetString(1), reader.GetBoolean(2));
        return items;
    }

    private async Task<IReadOnlyList<bool>> WriteAsync(IReadOnlyList<ItemOutcome> outcomes)
    {
        try
        {
            await WriteTogetherAsync(outcomes);
        }
        catch (PostgresException exception) when (DatabaseWait.IsOfTheData(exception))
        {
            // One of them can't be stored: the others shall not fail with it.
            foreach (var outcome in outcomes)
                await WriteAloneAsync(outcome);
        }

        return new bool[outcomes.Count];
    }

    private async Task WriteAloneAsync(ItemOutcome outcome)
    {
        try
        {
            await WriteTogetherAsync([outcome]);
        }
        catch (PostgresException exception) when (DatabaseWait.IsOfTheData(exception))
        {
            await WriteTogetherAsync([ItemOutcome.Failed(outcome.Message, $"What the source sent can't be stored: {exception.MessageText}")]);
        }
    }

    private async Task WriteTogetherAsync(IReadOnlyList<ItemOutcome> outcomes)
    {
        await using var command = database.CreateCommand(Write);
        command.Parameters.Add(Column(NpgsqlDbType.Uuid, outcome => outcome.Message.ImportId));
        command.Parameters.Add(Column(NpgsqlDbType.Text, outcome => outcome.Message.ExternalId));
        command.Parameters.Add(Column(NpgsqlDbType.Integer, outcome => outcome.Message.FailureCount));
        command.Parameters.Add(Column(NpgsqlDbType.Text, outcome => outcome.Status));
        command.Parameters.Add(Column(NpgsqlDbType.Text, outcome => outcome.Detail?.Name));
        command.Parameters.Add(Column(NpgsqlDbType.Text, outcome => outcome.Detail?.Description));
        command.Parameters.Add(Column(NpgsqlDbType.Numeric, outcome => outcome.Detail?.Price));
        command.Parameters.Add(Column(NpgsqlDbType.Jsonb, outcome => outcome.Detail?.Payload));
        command.Parameters.Add(Column(NpgsqlDbType.Text, outcome => outcome.FailureReason));
        command.Parameters.Add(Column(NpgsqlDbType.Boolean, outcome => outcome.IsFailure));
        command.Parameters.Add(Column(NpgsqlDbType.Boolean, outcome => outcome.IsRefusal));
        command.Parameters.Add(Column(NpgsqlDbType.Integer, outcome => outcome.MaxRefusals));
        command.Parameters.Add(Column(NpgsqlDbType.Interval, outcome => outcome.Delay));
        await command.ExecuteNonQueryAsync();

        NpgsqlParameter Column<T>(NpgsqlDbType type, Func<ItemOutcome, T> value) =>
            new() { Value = outcomes.Select(value).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | type };
    }
}
