using System.Collections.Concurrent;
using Sluice.RateLimiting.Outbound;
using Sluice.RateLimiting.Redis;
using Sluice.RateLimiting.Tests.Support;
using Sluice.Testing;
using StackExchange.Redis;

namespace Sluice.RateLimiting.Tests.Outbound.Ledger;

/// <summary>A process that uses the ledger: a connection of its own and a ledger of its own. The journal may be shared.</summary>
internal sealed class LedgerProcess : IAsyncDisposable
{
    /// <summary>Generous: how fast this machine is isn't the question.</summary>
    public static readonly TimeSpan StoreTimeout = TimeSpan.FromSeconds(30);

    private LedgerProcess(ConnectionMultiplexer redis, JournalInMemory journal, ScriptLibrary scripts, TimeProvider time, TimeSpan? storeTimeout)
    {
        (Redis, Journal) = (redis, journal);
        Ledger = new PermitLedger(redis, scripts, journal, Observer, new LedgerMetrics(Meters.Factory), time, Log, storeTimeout ?? StoreTimeout);
    }

    public ConnectionMultiplexer Redis { get; }

    public JournalInMemory Journal { get; }

    public RecordingObserver Observer { get; } = new();

    public RecordingLog<PermitLedger> Log { get; } = new();

    public PermitLedger Ledger { get; }

    public static async Task<LedgerProcess> StartAsync(
        RedisServer server, JournalInMemory? journal = null, ScriptLibrary? scripts = null, TimeProvider? time = null,
        TimeSpan? storeTimeout = null) =>
        new(await RedisConnection.ConnectAsync(server), journal ?? new JournalInMemory(), scripts ?? new ScriptLibrary(), time ?? TimeProvider.System, storeTimeout);

    /// <summary>An account that no other test uses.</summary>
    public static LedgerAccount Account(int permits, int windowMilliseconds, int leaseMilliseconds = 10_000) =>
        new($"test-{Guid.NewGuid():N}", [new(permits, TimeSpan.FromMilliseconds(windowMilliseconds))], TimeSpan.FromMilliseconds(leaseMilliseconds));

    public Task<Permit> AcquireAsync(LedgerAccount account, string? tag = null) =>
        Ledger.AcquireAsync(account, tag, TestContext.Current.CancellationToken).AsTask();

    public Task<Permit> AcquireUntilAsync(LedgerAccount account, CancellationToken cancellationToken) =>
        Ledger.AcquireAsync(account, null, cancellationToken).AsTask();

    public async Task<IReadOnlyList<Permit>> AcquireAsync(LedgerAccount account, int permits) =>
        await Task.WhenAll(Enumerable.Range(0, permits).Select(_ => AcquireAsync(account))).Within();

    public async ValueTask DisposeAsync()
    {
        await Ledger.DisposeAsync();
        await Redis.CloseAsync();
        Redis.Dispose();
    }
}

/// <summary>A journal on the test's clock, which processes may share; it can be made to throw.</summary>
/// <param name="time">The clock of the quotas' periods; the real one, where left out.</param>
internal sealed class JournalInMemory(TimeProvider? time = null) : ILedgerJournal
{
    private readonly ConcurrentDictionary<string, long> horizons = new(StringComparer.Ordinal);

    private readonly ProcessJournal quotas = new(time ?? TimeProvider.System);

    private int calls;

    public bool IsBroken { get; set; }

    public int Calls => calls;

    public ValueTask<TimeSpan?> SinceHorizonAsync(string account, CancellationToken cancellationToken = default)
    {
        Called();
        return new(horizons.TryGetValue(account, out var horizon) ? TimeProvider.System.GetElapsedTime(horizon) : null);
    }

    public ValueTask ExtendAsync(string account, TimeSpan ahead, CancellationToken cancellationToken = default)
    {
        Called();
        var horizon = TimeProvider.System.GetTimestamp() + Ticks(ahead);
        horizons.AddOrUpdate(account, horizon, (_, old) => Math.Max(old, horizon));
        return ValueTask.CompletedTask;
    }

    public ValueTask<QuotaCharge> ChargeAsync(
        string account, IReadOnlyList<QuotaPeriod> periods, int requests, CancellationToken cancellationToken = default)
    {
        Called();
        return quotas.ChargeAsync(account, periods, requests, cancellationToken);
    }

    /// <summary>Puts the horizon, also back.</summary>
    public void SetSinceHorizon(LedgerAccount account, TimeSpan since) => horizons[account.Name] = TimeProvider.System.GetTimestamp() - Ticks(since);

    public TimeSpan SinceHorizon(LedgerAccount account) => TimeProvider.System.GetElapsedTime(horizons[account.Name]);

    private void Called()
    {
        Interlocked.Increment(ref calls);
        if (IsBroken)
            throw new InvalidOperationException("The journal is broken.");
    }

    private static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * TimeProvider.System.TimestampFrequency);
}

internal sealed class RecordingObserver : IOutboundObserver
{
    public ConcurrentQueue<OutboundWait> Waits { get; } = new();

    public ConcurrentQueue<OutboundRefusal> Refusals { get; } = new();

    public void Waited(OutboundWait wait) => Waits.Enqueue(wait);

    public void Refused(OutboundRefusal refusal) => Refusals.Enqueue(refusal);
}

/// <summary>An account's ledger, seen in Redis.</summary>
internal static class LedgerInRedis
{
    private static readonly TimeSpan ShortestReport = TimeSpan.FromMilliseconds(50);

    /// <summary>When anybody asked it last: us on its own clock.</summary>
    public static async Task<long> LastAskedAsync(this IConnectionMultiplexer redis, LedgerAccount account) =>
        (long)await redis.GetDatabase().HashGetAsync($"pl:{{{account.Name}}}:state", "now");

    public static Task UntilAskedAsync(this IConnectionMultiplexer redis, LedgerAccount account, long since) => Deadline.UntilAsync(
        async () => await redis.LastAskedAsync(account) > since, "the question", cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>Until it has been asked in vain, and whoever has come waits for so long that it is reported.</summary>
    public static async Task UntilWaitedAsync(this IConnectionMultiplexer redis, LedgerAccount account, long since)
    {
        await redis.UntilAskedAsync(account, since);
        await PassAsync();
    }

    /// <summary>Until who has come waits for so long that it is reported.</summary>
    public static Task PassAsync()
    {
        var began = TimeProvider.System.GetTimestamp();
        return Deadline.UntilAsync(
            () => Task.FromResult(TimeProvider.System.GetElapsedTime(began) >= ShortestReport), "a wait", cancellationToken: TestContext.Current.CancellationToken);
    }

    public static Task<long> InFlightAsync(this IConnectionMultiplexer redis, LedgerAccount account) =>
        redis.GetDatabase().SortedSetLengthAsync($"pl:{{{account.Name}}}:flight");

    /// <summary>How many times permits were completed.</summary>
    public static Task<long> DoneAsync(this IConnectionMultiplexer redis, LedgerAccount account) =>
        redis.GetDatabase().SortedSetLengthAsync($"pl:{{{account.Name}}}:done");
}

internal static class Questions
{
    public static LedgerQuestion Of(int wanted, long firstNumber, IReadOnlyList<long>? released = null, IReadOnlyList<long>? returned = null)
    {
        Returns back = new();
        back.Released.AddRange(released ?? []);
        back.Returned.AddRange(returned ?? []);
        return new LedgerQuestion(wanted, firstNumber, back);
    }
}
