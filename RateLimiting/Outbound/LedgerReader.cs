using Sluice.RateLimiting.Redis;
using StackExchange.Redis;

namespace Sluice.RateLimiting;

/// <summary>Permits that came back together.</summary>
/// <param name="Age">How long ago the last of them did.</param>
/// <param name="Permits">How many.</param>
public readonly record struct LedgerUse(TimeSpan Age, int Permits);

/// <summary>What of an account's permits is in use at one moment.</summary>
/// <param name="ClosedFor">How long nothing is granted at all; zero where the ledger is open.</param>
/// <param name="InFlight">Permits whose response hasn't come.</param>
/// <param name="Completed">Those that still count, the oldest first, to a hundredth of the longest window.</param>
public sealed record LedgerReading(TimeSpan ClosedFor, int InFlight, IReadOnlyList<LedgerUse> Completed)
{
    /// <summary>Of an account that has sent nothing of late.</summary>
    public static readonly LedgerReading Empty = new(TimeSpan.Zero, 0, []);
}

/// <summary>Looks at ledgers without changing anything. Thread-safe.</summary>
public sealed class LedgerReader
{
    private const int Slices = 100;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    private readonly IConnectionMultiplexer redis;
    private readonly RedisScript script;
    private readonly TimeProvider time;

    internal LedgerReader(IConnectionMultiplexer redis, ScriptLibrary scripts, TimeProvider time) =>
        (this.redis, script, this.time) = (redis, scripts.Ledger("ledger_read.lua"), time);

    /// <summary>Reads an account's ledger.</summary>
    /// <param name="account">Whose.</param>
    /// <exception cref="RedisException">Redis is away.</exception>
    /// <exception cref="TimeoutException">No answer within a second.</exception>
    public async Task<LedgerReading> ReadAsync(LedgerAccount account)
    {
        ArgumentNullException.ThrowIfNull(account);
        var answer = (RedisResult[])(await script.EvaluateAsync(
            redis.GetDatabase(), LedgerKeys.Of(account), [account.LongestWindow.Ticks / TimeSpan.TicksPerMicrosecond, Slices], Timeout, time).ConfigureAwait(false))!;
        if (answer.Length == 0)
            return LedgerReading.Empty;
        var completed = new LedgerUse[(answer.Length - 3) / 2];
        for (var use = 0; use < completed.Length; use++)
            completed[use] = new LedgerUse(TimeSpan.FromMicroseconds((long)answer[3 + 2 * use]), (int)answer[4 + 2 * use]);
        return new LedgerReading(TimeSpan.FromMicroseconds((long)answer[0]), (int)answer[2], completed);
    }
}
