using Npgsql;
using NpgsqlTypes;

namespace Sluice.Sources.Records;

/// <summary>Pauses imports and lets them go on from where they were.</summary>
public sealed class ImportPause(NpgsqlDataSource database, TimeProvider time)
{
    // A wait for the next attempts that was foreseen ends with the pause.
    private const string Pause = """
        with paused as (
          update imports set
            status = 'paused',
            paused_at = coalesce(paused_at, clock_timestamp()),
            pause_cause = $2,
            pause_reason = $3,
            resumes_at = $4
          where id = $1
            and (status = 'running' or status = 'paused' and pause_cause = 'quota' and $2 = 'operator')
            and (quota_ended_at >= $4) is not true
          returning id
        ), cut as (
          update import_delays as delay set ended_at = greatest(started_at, clock_timestamp())
          from paused where import_id = paused.id and delay.ended_at > clock_timestamp()
        )
        select exists (select from paused)
        """;

    // What was published before and has not gone back is in hand or waits to be read: published again, it would be asked for twice.
    private const string Resume = """
        with held as (
          select id, pause_cause, paused_at from imports where id = $1 and status = 'paused' and ($2 is null or resumes_at <= $2) for update
        ), delay as (
          insert into import_delays (import_id, cause, started_at, ended_at)
          select id, pause_cause, paused_at, greatest(paused_at, clock_timestamp()) from held
        ), resumed as (
          update imports set
            status = 'running',
            paused_at = null,
            pause_cause = null,
            pause_reason = null,
            resumes_at = null,
            quota_ended_at = case when $2 is null then quota_ended_at else resumes_at end
          from held where imports.id = held.id
          returning imports.id
        )
        select exists (select from resumed)
        """;

    /// <summary>Pauses a running import until it is resumed. One that waits for its quota stays paused after that as well.</summary>
    /// <returns>Whether it could be.</returns>
    public Task<bool> PauseAsync(Guid importId, CancellationToken cancellationToken) =>
        PauseAsync(importId, "operator", "An operator paused it.", null, cancellationToken);

    /// <summary>Pauses a running import until its source's quota begins anew.</summary>
    /// <returns>Whether it ran, and has not waited for that before.</returns>
    public Task<bool> PauseForQuotaAsync(Guid importId, string reason, DateTimeOffset resumesAt, CancellationToken cancellationToken) =>
        PauseAsync(importId, "quota", reason, resumesAt, cancellationToken);

    /// <summary>Lets a paused import go on.</summary>
    /// <returns>Whether it was paused.</returns>
    public Task<bool> ResumeAsync(Guid importId, CancellationToken cancellationToken) => ResumeAsync(importId, null, cancellationToken);

    /// <summary>Lets those go on whose time has come.</summary>
    public async Task<IReadOnlyList<Guid>> ResumeDueAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        List<Guid> resumed = [];
        foreach (var importId in await DueAsync(now, cancellationToken))
            if (await ResumeAsync(importId, now, cancellationToken))
                resumed.Add(importId);
        return resumed;
    }

    private async Task<bool> PauseAsync(Guid importId, string cause, string reason, DateTimeOffset? resumesAt, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Pause);
        command.Parameters.Add(new() { Value = importId });
        command.Parameters.Add(new() { Value = cause });
        command.Parameters.Add(new() { Value = reason });
        command.Parameters.Add(Time(resumesAt));
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <param name="dueAt">Only where it was to go on by then; null: in any case.</param>
    private async Task<bool> ResumeAsync(Guid importId, DateTimeOffset? dueAt, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Resume);
        command.Parameters.Add(new() { Value = importId });
        command.Parameters.Add(Time(dueAt));
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task<List<Guid>> DueAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select id from imports where status = 'paused' and resumes_at <= $1");
        command.Parameters.Add(Time(now));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<Guid> due = [];
        while (await reader.ReadAsync(cancellationToken))
            due.Add(reader.GetGuid(0));
        return due;
    }

    private static NpgsqlParameter Time(DateTimeOffset? time) =>
        new() { Value = (object?)time?.ToUniversalTime() ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz };
}
