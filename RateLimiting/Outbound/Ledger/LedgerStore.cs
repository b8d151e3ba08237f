using System.Globalization;
using Sluice.RateLimiting.Redis;
using StackExchange.Redis;

namespace Sluice.RateLimiting.Outbound;

/// <summary>An account's ledger in Redis, as this process asks it. Used by one caller at a time.</summary>
internal sealed class LedgerStore(IConnectionMultiplexer redis, ScriptLibrary scripts, LedgerAccount account, TimeProvider time, TimeSpan? timeout = null)
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(2);

    private readonly RedisScript ask = scripts.Ledger("ledger.lua");
    private readonly RedisScript open = scripts.Ledger("ledger_open.lua");
    private readonly RedisScript pause = scripts.Ledger("ledger_pause.lua");

    private readonly RedisKey[] keys = LedgerKeys.Of(account);

    private readonly string holder = Guid.NewGuid().ToString("N");
    private readonly long longestWindow = Microseconds(account.LongestWindow);
    private readonly long lease = Microseconds(account.Lease);
    private long seen;

    /// <returns>Null where the ledger is lost, or has never been.</returns>
    /// <exception cref="RedisException">Redis is away.</exception>
    /// <exception cref="TimeoutException">No answer in time; what was asked may have been done.</exception>
    public async Task<LedgerAnswer?> AskAsync(LedgerQuestion question)
    {
        var answer = (RedisResult[])(await RunAsync(ask, Arguments(question)).ConfigureAwait(false))!;
        if (answer.Length == 0)
        {
            seen = 0;
            return null;
        }

        seen = (long)answer[3];
        return new LedgerAnswer((int)answer[0], TimeSpan.FromMicroseconds((long)answer[1]), (string?)answer[2] switch
        {
            "pause" => WaitCause.Pause,
            "lost" => WaitCause.Lost,
            _ => WaitCause.Ledger,
        })
        {
            Now = seen,
            Drift = (int)answer[4],
            Cap = (int)answer[5] == 0 ? null : new LedgerTier((int)answer[5], TimeSpan.FromMicroseconds((long)answer[6])),
            Interval = TimeSpan.FromMicroseconds((long)answer[7]),
        };
    }

    /// <summary>Begins the ledger unless another process has.</summary>
    /// <returns>Whether it did.</returns>
    public async Task<bool> OpenAsync(TimeSpan closedFor) =>
        (int)await RunAsync(open, [Microseconds(closedFor), longestWindow, lease]).ConfigureAwait(false) == 1;

    /// <returns>Whether no pause was in force; null where there is no ledger.</returns>
    public async Task<bool?> PauseAsync(TimeSpan length) =>
        (int)await RunAsync(pause, [Microseconds(length), longestWindow, lease]).ConfigureAwait(false) switch
        {
            1 => true,
            0 => false,
            _ => null,
        };

    private Task<RedisResult> RunAsync(RedisScript script, RedisValue[] arguments) =>
        script.EvaluateAsync(redis.GetDatabase(), keys, arguments, timeout ?? DefaultTimeout, time);

    private RedisValue[] Arguments(LedgerQuestion question) =>
    [
        seen, question.Wanted, holder, question.FirstNumber, lease,
        Microseconds(account.Pace.Interval), Microseconds(account.Pace.Slack), Microseconds(account.Pace.Fastest),
        question.Back.Unledgered, question.Back.Successes, question.Back.Refusals, account.Tiers.Count,
        .. account.Tiers.SelectMany(tier => (RedisValue[])[tier.Permits, Microseconds(tier.Window)]),
        .. Readings(question.Back), question.Returned.Count, .. question.Returned.Select(Id), .. question.Released.Select(Id),
    ];

    private static IEnumerable<RedisValue> Readings(Returns back) =>
    [
        back.Readings.Count,
        .. back.Readings.Values.SelectMany(reading => (RedisValue[])
            [Microseconds(reading.Limit.Window), reading.Limit.Permits, reading.Limit.Remaining, reading.GrantedAt]),
    ];

    private RedisValue Id(long number) => string.Create(CultureInfo.InvariantCulture, $"{holder}:{number}");

    private static long Microseconds(TimeSpan time) => time.Ticks / TimeSpan.TicksPerMicrosecond;
}

/// <summary>What one script call is asked to do.</summary>
/// <param name="Wanted">Permits.</param>
/// <param name="FirstNumber">The number of the first permit that is granted; the others follow.</param>
/// <param name="Back">What has come back.</param>
internal sealed record LedgerQuestion(int Wanted, long FirstNumber, Returns Back)
{
    /// <summary>Permits whose response has come.</summary>
    public IReadOnlyList<long> Released => Back.Released;

    /// <summary>Permits with which nothing was sent.</summary>
    public IReadOnlyList<long> Returned => Back.Returned;
}

/// <param name="Granted">Permits, up to those wanted.</param>
/// <param name="Wait">Until it is worth to ask again; zero where all were granted.</param>
/// <param name="Cause">What the wait is for.</param>
internal sealed record LedgerAnswer(int Granted, TimeSpan Wait, WaitCause Cause)
{
    /// <summary>The ledger's time, us.</summary>
    public long Now { get; init; }

    /// <summary>Requests within a window that the server counts and the ledger doesn't know of; -1 where no server has said anything.</summary>
    public int Drift { get; init; }

    /// <summary>What is left of a tier, from now on.</summary>
    public LedgerTier? Cap { get; init; }

    /// <summary>Between two permits; zero where there is no pace.</summary>
    public TimeSpan Interval { get; init; }
}
