using Sluice.RateLimiting.Outbound;
using Sluice.RateLimiting.Tests.Support;
using Sluice.Testing;
using StackExchange.Redis;

namespace Sluice.RateLimiting.Tests.Outbound.Ledger;

/// <summary>What a permit costs, to the microsecond, on a clock that the test sets.</summary>
public sealed class ChargeTests(RedisFixture redis)
{
    private const long Second = 1_000_000;

    [Fact]
    public async Task A_permit_counts_until_a_window_after_its_response()
    {
        await RunAsync(async (ledger, clock) =>
        {
            await clock.AdvanceAsync(TimeSpan.FromSeconds(3));
            Assert.Equal(TimeSpan.FromSeconds(20), await RefusedAsync(ledger, released: [0]));
            await clock.AdvanceAsync(TimeSpan.FromSeconds(20) - TimeSpan.FromMicroseconds(1));
            Assert.Equal(TimeSpan.FromMicroseconds(1), await RefusedAsync(ledger));
            await clock.AdvanceAsync(TimeSpan.FromMicroseconds(1));
            Assert.Equal(1, (await AskAsync(ledger)).Granted);
        });
    }

    [Fact]
    public async Task One_of_which_nothing_more_is_heard_counts_until_a_window_after_its_lease()
    {
        await RunAsync(async (ledger, clock) =>
        {
            Assert.Equal(TimeSpan.FromSeconds(20), await RefusedAsync(ledger));
            await clock.AdvanceAsync(TimeSpan.FromSeconds(30) - TimeSpan.FromMicroseconds(1));
            Assert.Equal(TimeSpan.FromMicroseconds(1), await RefusedAsync(ledger));
            await clock.AdvanceAsync(TimeSpan.FromMicroseconds(1));
            Assert.Equal(1, (await AskAsync(ledger)).Granted);
        });
    }

    [Fact]
    public async Task A_release_after_the_end_of_the_lease_changes_nothing()
    {
        await RunAsync(async (ledger, clock) =>
        {
            await clock.AdvanceAsync(TimeSpan.FromSeconds(25));
            Assert.Equal(TimeSpan.FromSeconds(5), await RefusedAsync(ledger, released: [0]));
        });
    }

    [Fact]
    public async Task Nor_does_a_return_after_it()
    {
        await RunAsync(async (ledger, clock) =>
        {
            await clock.AdvanceAsync(TimeSpan.FromSeconds(11));
            Assert.Equal(TimeSpan.FromSeconds(19), await RefusedAsync(ledger, returned: [0]));
        });
    }

    [Fact]
    public async Task A_permit_that_was_not_used_costs_nothing()
    {
        await RunAsync(async (ledger, _) => Assert.Equal(1, (await AskAsync(ledger, returned: [0])).Granted));
    }

    [Fact]
    public async Task A_permit_is_released_once()
    {
        await RunAsync(async (ledger, clock) =>
        {
            await RefusedAsync(ledger, released: [0]);
            await clock.AdvanceAsync(TimeSpan.FromSeconds(5));
            Assert.Equal(TimeSpan.FromSeconds(15), await RefusedAsync(ledger, released: [0], returned: [0]));
        });
    }

    [Fact]
    public async Task A_clock_that_is_set_back_goes_on_from_where_it_was()
    {
        await RunAsync(async (ledger, clock) =>
        {
            await RefusedAsync(ledger, released: [0]);
            await clock.AdvanceAsync(TimeSpan.FromSeconds(-1000));
            Assert.Equal(TimeSpan.FromSeconds(20), await RefusedAsync(ledger));
            await clock.AdvanceAsync(TimeSpan.FromSeconds(20));
            Assert.Equal(1, (await AskAsync(ledger)).Granted);
        });
    }

    [Fact]
    public async Task Every_key_expires_well_after_nothing_in_it_counts()
    {
        await RunAsync(async (ledger, clock) =>
        {
            await RefusedAsync(ledger, released: [0]);
            await clock.AdvanceAsync(TimeSpan.FromSeconds(20));
            await AskAsync(ledger);
            foreach (var key in ledger.Keys)
                Assert.True(await ledger.Database.KeyTimeToLiveAsync(key) > TimeSpan.FromSeconds(20 + 10));
        });
    }

    [Fact]
    public async Task The_ledger_of_another_run_of_redis_counts_as_lost()
    {
        await RunAsync(async (ledger, _) =>
        {
            await ledger.Database.HashSetAsync(ledger.Keys[0], "server", "another");
            Assert.Null(await ledger.Store.AskAsync(Questions.Of(1, 100)));
            Assert.True(await ledger.Store.OpenAsync(TimeSpan.FromSeconds(7)));
            Assert.Equal(TimeSpan.FromSeconds(7), await RefusedAsync(ledger));
        });
    }

    private static async Task<TimeSpan> RefusedAsync(OneLedger ledger, IReadOnlyList<long>? released = null, IReadOnlyList<long>? returned = null)
    {
        var answer = await AskAsync(ledger, released, returned);
        Assert.Equal(0, answer.Granted);
        return answer.Wait;
    }

    private static async Task<LedgerAnswer> AskAsync(OneLedger ledger, IReadOnlyList<long>? released = null, IReadOnlyList<long>? returned = null) =>
        (await ledger.Store.AskAsync(Questions.Of(1, ++ledger.Number, released, returned)))!;

    /// <summary>One permit per 20 s, of which the first, number 0, has been granted; leases of 10 s.</summary>
    private async Task RunAsync(Func<OneLedger, RedisClock, Task> test)
    {
        using var connection = await RedisConnection.ConnectAsync(redis.Server);
        var clock = new RedisClock(connection);
        await clock.SetAsync(1_700_000_000 * Second);
        var account = new LedgerAccount($"test-{Guid.NewGuid():N}", [new(1, TimeSpan.FromSeconds(20))]);
        var store = new LedgerStore(connection, clock.Scripts, account, new FakeTimeProvider());
        await store.OpenAsync(TimeSpan.Zero);
        Assert.Equal(1, (await store.AskAsync(Questions.Of(1, 0)))!.Granted);
        RedisKey[] keys = [$"pl:{{{account.Name}}}:state", $"pl:{{{account.Name}}}:flight", $"pl:{{{account.Name}}}:done"];
        await test(new OneLedger(store, connection.GetDatabase(), keys), clock).Within();
    }

    private sealed class OneLedger(LedgerStore store, IDatabase database, IReadOnlyList<RedisKey> keys)
    {
        public LedgerStore Store { get; } = store;

        public IDatabase Database { get; } = database;

        public IReadOnlyList<RedisKey> Keys { get; } = keys;

        public long Number { get; set; }
    }
}
