using Npgsql;
using NpgsqlTypes;
using Sluice.Contracts;
using Sluice.ImportOrchestrator.Api;

namespace Sluice.ImportOrchestrator.Backfills;

/// <summary>Starts backfills and reads them, and their days.</summary>
internal sealed class BackfillStore(NpgsqlDataSource database, TimeProvider time)
{
    // Its list is known, so its discovery has ended. The first day belongs into its trace.
    private const string Insert = """
        with backfill as (
          insert into imports (id, source, fresh, trace_parent, from_date, to_date, discovery_ended_at)
          values ($1, $2, false, $3, $4, $5, now())
          on conflict (source) where ended_at is null do nothing
          returning id
        )
        insert into imported_items (import_id, external_id, page_number)
        select backfill.id, to_char(day.date, 'YYYY-MM-DD'), day.number
        from backfill, generate_series($4::timestamp, $5::timestamp, interval '1 day') with ordinality as day (date, number)
        """;

    /// <summary>Creates the backfill and its days in one statement.</summary>
    public async Task<ImportStart> StartAsync(StartBackfill wanted, string? traceParent, CancellationToken cancellationToken)
    {
        while (true)
        {
            var id = Guid.CreateVersion7(time.GetUtcNow());
            await using var insert = database.CreateCommand(Insert);
            insert.Parameters.Add(new() { Value = id });
            insert.Parameters.Add(new() { Value = wanted.Source });
            insert.Parameters.Add(Nullable(NpgsqlDbType.Text, traceParent));
            insert.Parameters.Add(new() { Value = wanted.From });
            insert.Parameters.Add(new() { Value = wanted.To });
            if (await insert.ExecuteNonQueryAsync(cancellationToken) > 0)
                return new ImportStart(id, IsNew: true);

            // None where it has ended since: then there is room for this one.
            if (await OpenAsync(wanted.Source, cancellationToken) is { } open)
                return new ImportStart(open, IsNew: false);
        }
    }

    public async Task<BackfillRow?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(BackfillRow.Select("import.id = $1"));
        command.Parameters.Add(new() { Value = id });
        return (await ReadAsync(command, BackfillRow.Read, cancellationToken)).SingleOrDefault();
    }

    public async Task<bool> ExistsAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select exists (select from imports where id = $1 and from_date is not null)");
        command.Parameters.Add(new() { Value = id });
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public async Task<long> CountAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select count(*) from imports where from_date is not null");
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Newest first, from before the backfill <paramref name="before"/> on, without the first <paramref name="offset"/> of them: ids of version 7 grow with time.</summary>
    public async Task<List<BackfillRow>> ListAsync(Guid? before, long offset, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(BackfillRow.Select(
            "import.id in (select id from imports where from_date is not null and ($1 is null or id < $1) order by id desc limit $2 offset $3)", "order by backfill.id desc"));
        command.Parameters.Add(Nullable(NpgsqlDbType.Uuid, before));
        command.Parameters.Add(new() { Value = limit });
        command.Parameters.Add(new() { Value = offset });
        return await ReadAsync(command, BackfillRow.Read, cancellationToken);
    }

    /// <summary>In order, after the day <paramref name="after"/>.</summary>
    public async Task<List<BackfillDay>> DaysAsync(Guid id, string? status, DateOnly? after, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            select day.external_id::date, day.status, pages.count::int, pages.records, day.failure_count + day.earlier_failure_count,
              day.failure_reason, day.last_failed_at, case day.status when 'pending' then day.next_attempt_at end
            from imported_items as day
            cross join lateral (
              select count(*) as count, coalesce(sum(records_listed), 0) as records
              from backfill_pages where import_id = $1 and date = day.external_id::date
            ) as pages
            where day.import_id = $1 and ($2 is null or day.status = $2) and ($3 is null or day.external_id > to_char($3, 'YYYY-MM-DD'))
            order by day.external_id
            limit $4
            """);
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(Nullable(NpgsqlDbType.Text, status));
        command.Parameters.Add(Nullable(NpgsqlDbType.Date, after));
        command.Parameters.Add(new() { Value = limit });
        return await ReadAsync(command, row => new BackfillDay(
            row.GetFieldValue<DateOnly>(0), row.GetString(1), row.GetInt32(2), row.GetInt64(3), row.GetInt32(4),
            row.OrNull<string>(5), row.OrNullValue<DateTimeOffset>(6), row.OrNullValue<DateTimeOffset>(7)), cancellationToken);
    }

    private async Task<Guid?> OpenAsync(string source, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select id from imports where source = $1 and ended_at is null");
        command.Parameters.Add(new() { Value = source });
        return (Guid?)await command.ExecuteScalarAsync(cancellationToken);
    }

    private static async Task<List<T>> ReadAsync<T>(NpgsqlCommand command, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<T> rows = [];
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(read(reader));
        return rows;
    }

    private static NpgsqlParameter Nullable<T>(NpgsqlDbType type, T? value) => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = type };
}
