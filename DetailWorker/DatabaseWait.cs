using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Sluice.DetailWorker;

/// <summary>Repeats work while the database is away, so that no message is acknowledged before its rows are written. Thread-safe.</summary>
internal sealed partial class DatabaseWait(TimeProvider time, IHostApplicationLifetime lifetime, ILogger<DatabaseWait> logger)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    /// <param name="work">May have been done already when it is repeated: the answer to a commit can be lost.</param>
    public async Task<T> OnceThereAsync<T>(Func<Task<T>> work)
    {
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                return await work();
            }
            catch (NpgsqlException exception) when (IsAway(exception))
            {
                if (pause == FirstPause)
                    LogDatabaseAway(exception.Message);
                await Task.Delay(pause, time, lifetime.ApplicationStopping);
            }
        }
    }

    public static bool IsOfTheData(PostgresException exception) =>
        exception.SqlState.StartsWith("22", StringComparison.Ordinal) || exception.SqlState == PostgresErrorCodes.ProgramLimitExceeded;

    // A server that is stopped or has crashed says so to its sessions.
    private static bool IsAway(NpgsqlException exception) =>
        exception.IsTransient || exception.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown;

    [LoggerMessage(1, LogLevel.Warning, "Waiting for the database: {Reason}", EventName = "WaitingForDatabase")]
    private partial void LogDatabaseAway(string reason);
}
