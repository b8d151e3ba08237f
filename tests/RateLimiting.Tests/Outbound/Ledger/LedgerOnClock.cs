using Sluice.RateLimiting.Outbound;
using Sluice.RateLimiting.Tests.Support;
using Sluice.Testing;
using StackExchange.Redis;

namespace Sluice.RateLimiting.Tests.Outbound.Ledger;

/// <summary>One account's ledger in Redis on a clock that the test sets, asked without a pump.</summary>
internal sealed class LedgerOnClock : IDisposable
{
    private readonly ConnectionMultiplexer connection;
    private readonly RedisClock clock;
    private readonly LedgerStore store;
    private long next;

    private LedgerOnClock(ConnectionMultiplexer connection, LedgerAccount account)
    {
        (this.connection, clock) = (connection, new RedisClock(connection));
        store = new LedgerStore(connection, clock.Scripts, account, new FakeTimeProvider());
    }

    /// <summary>us.</summary>
    public long Now => clock.Now;

    public static async Task<LedgerOnClock> StartAsync(RedisServer redis, Func<string, LedgerAccount> describe)
    {
        var ledger = new LedgerOnClock(await RedisConnection.ConnectAsync(redis), describe($"test-{Guid.NewGuid():N}"));
        await ledger.clock.SetAsync(1_700_000_000_000_000);
        await ledger.store.OpenAsync(TimeSpan.Zero);
        return ledger;
    }

    public Task AdvanceAsync(TimeSpan by) => clock.AdvanceAsync(by);

    public async Task<(LedgerAnswer Answer, IReadOnlyList<long> Permits)> AskAsync(int wanted, IEnumerable<long>? released = null, ServerReport? report = null, int reports = 1, long? grantedAt = null)
    {
        Returns back = new();
        back.Released.AddRange(released ?? []);
        for (var number = 0; report is not null && number < reports; number++)
            back.Add(report, grantedAt ?? clock.Now);
        var first = next;
        next += wanted;
        var answer = await store.AskAsync(new LedgerQuestion(wanted, first, back)) ?? throw new InvalidOperationException("The ledger is lost.");
        return (answer, [.. Enumerable.Range(0, answer.Granted).Select(number => first + number)]);
    }

    public Task PauseAsync(TimeSpan length) => store.PauseAsync(length);

    public static ServerReport Says(int limit, int remaining, TimeSpan window, bool isRefusal = false) =>
        new(!isRefusal, isRefusal, [new ServerLimit(limit, remaining, window)]);

    public void Dispose() => connection.Dispose();
}
