using Sluice.RateLimiting.Tests.Support;
using Sluice.Testing;
using StackExchange.Redis;

namespace Sluice.RateLimiting.Tests.Outbound.Ledger;

public sealed class LostLedgerTests(RedisFixture redis)
{
    // Long enough for a busy machine to come to the question while the ledger is closed.
    private readonly LedgerAccount account = LedgerProcess.Account(permits: 5, windowMilliseconds: 1000, leaseMilliseconds: 1000);

    /// <summary>For so long what was granted last can matter.</summary>
    private TimeSpan Closed => account.Lease + account.Tiers[0].Window;

    [Fact]
    public async Task A_ledger_that_never_existed_is_open_at_once()
    {
        await using var process = await LedgerProcess.StartAsync(redis.Server);
        var began = TimeProvider.System.GetTimestamp();
        await process.AcquireAsync(account, "first").Within();
        // It lay a second ahead at first.
        var since = process.Journal.SinceHorizon(account);
        Assert.True(since <= TimeProvider.System.GetElapsedTime(began) - TimeSpan.FromSeconds(1));
        Assert.Empty(process.Observer.Waits);
    }

    [Fact]
    public async Task A_lost_one_stays_closed_until_nothing_that_it_knew_can_matter()
    {
        await using var process = await LedgerProcess.StartAsync(redis.Server);
        await process.AcquireAsync(account, 3);
        await ForgetAsync(process, account);
        await AssertClosedAsync(process);
    }

    [Fact]
    public async Task So_it_does_when_the_process_itself_is_new()
    {
        JournalInMemory journal = new();
        await using (var former = await LedgerProcess.StartAsync(redis.Server, journal))
            await former.AcquireAsync(account, 3);
        await using var process = await LedgerProcess.StartAsync(redis.Server, journal);
        await ForgetAsync(process, account);
        await AssertClosedAsync(process);
    }

    [Fact]
    public async Task All_processes_see_that_it_is_closed()
    {
        JournalInMemory journal = new();
        await using var one = await LedgerProcess.StartAsync(redis.Server, journal);
        await using var other = await LedgerProcess.StartAsync(redis.Server, journal);
        await one.AcquireAsync(account, 2);
        await other.AcquireAsync(account, 2);
        await ForgetAsync(one, account);
        var lost = TimeProvider.System.GetTimestamp();
        var left = Closed - journal.SinceHorizon(account);
        await Task.WhenAll(one.AcquireAsync(account, "one"), other.AcquireAsync(account, "other")).Within();
        Assert.True(TimeProvider.System.GetElapsedTime(lost) >= left);
        Assert.Equal(WaitCause.Lost, Assert.Single(one.Observer.Waits).Cause);
        Assert.Equal(WaitCause.Lost, Assert.Single(other.Observer.Waits).Cause);
    }

    [Fact]
    public async Task One_that_was_idle_until_its_keys_expired_opens_at_once()
    {
        await using var process = await LedgerProcess.StartAsync(redis.Server);
        process.Journal.SetSinceHorizon(account, Closed + TimeSpan.FromMilliseconds(1));
        await process.AcquireAsync(account, "after").Within();
        Assert.Empty(process.Observer.Waits);
    }

    [Fact]
    public async Task One_that_came_out_of_an_older_copy_counts_as_lost()
    {
        await using var process = await LedgerProcess.StartAsync(redis.Server);
        await process.AcquireAsync(account, 1);
        var copy = await CopyAsync(process);
        await process.AcquireAsync(account, 4);
        await RestoreAsync(process, copy);
        await AssertClosedAsync(process);
    }

    private static async Task ForgetAsync(LedgerProcess process, LedgerAccount account) =>
        Assert.NotEqual(0, await process.Redis.GetDatabase().KeyDeleteAsync([.. Keys(account).Select(key => (RedisKey)key)]));

    private async Task AssertClosedAsync(LedgerProcess process)
    {
        var lost = TimeProvider.System.GetTimestamp();
        // Its horizon is reckoned from when it is asked, the journal's word is the latest.
        var left = Closed - process.Journal.SinceHorizon(account);
        await process.AcquireAsync(account, "waiter").Within();
        Assert.True(TimeProvider.System.GetElapsedTime(lost) >= left);
        Assert.Equal(WaitCause.Lost, Assert.Single(process.Observer.Waits).Cause);
        // And then it goes on.
        await process.AcquireAsync(account, 4);
    }

    private async Task<List<(string Key, byte[] Value)>> CopyAsync(LedgerProcess process)
    {
        List<(string, byte[])> copy = [];
        foreach (var key in Keys(account))
            if (await process.Redis.GetDatabase().KeyDumpAsync(key) is { } value)
                copy.Add((key, value));
        return copy;
    }

    private async Task RestoreAsync(LedgerProcess process, List<(string Key, byte[] Value)> copy)
    {
        await ForgetAsync(process, account);
        foreach (var (key, value) in copy)
            await process.Redis.GetDatabase().KeyRestoreAsync(key, value);
    }

    private static IEnumerable<string> Keys(LedgerAccount account) => [$"pl:{{{account.Name}}}:state", $"pl:{{{account.Name}}}:flight", $"pl:{{{account.Name}}}:done"];
}
