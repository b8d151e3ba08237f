using Sluice.RateLimiting.Outbound;
using Sluice.Testing;

namespace Sluice.RateLimiting.Tests.Outbound.Ledger;

/// <summary>What the ledger makes of a server that counts more than it sent, on a clock that the test sets: 100 permits per 20 s.</summary>
public sealed class DriftTests(RedisFixture redis)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task What_others_have_used_is_not_granted()
    {
        using var ledger = await StartAsync();
        var (_, permits) = await ledger.AskAsync(10);
        var (answer, _) = await ledger.AskAsync(0, permits, LedgerOnClock.Says(100, 60, Window));
        Assert.Equal(30, answer.Drift);
        Assert.Equal(new LedgerTier(70, Window), answer.Cap);
        Assert.Equal(60, await DrainAsync(ledger));
    }

    [Fact]
    public async Task A_server_that_counts_as_the_ledger_does_costs_nothing()
    {
        using var ledger = await StartAsync();
        var (_, permits) = await ledger.AskAsync(100);
        // Its answers were under way together: each tells of fewer than have come by now.
        var (answer, _) = await ledger.AskAsync(0, permits, LedgerOnClock.Says(100, 0, Window));
        Assert.Equal((0, null), (answer.Drift, answer.Cap));
        await ledger.AdvanceAsync(Window);
        Assert.Equal(100, (await ledger.AskAsync(200)).Answer.Granted);
    }

    [Fact]
    public async Task A_reading_of_the_past_is_held_against_what_was_sent_by_then()
    {
        using var ledger = await StartAsync();
        var (_, old) = await ledger.AskAsync(99);
        await ledger.AskAsync(0, old);
        await ledger.AdvanceAsync(Window - TimeSpan.FromSeconds(1));
        var (_, last) = await ledger.AskAsync(1);
        var granted = ledger.Now;
        // The server counts all 100 when it answers; when the ledger hears of it, 99 of them have left the window.
        await ledger.AdvanceAsync(TimeSpan.FromSeconds(2));
        Assert.Equal(0, (await ledger.AskAsync(0, last, LedgerOnClock.Says(100, 0, Window), grantedAt: granted)).Answer.Drift);
    }

    [Fact]
    public async Task A_budget_that_is_smaller_than_configured_is_learned()
    {
        using var ledger = await StartAsync();
        var (_, permits) = await ledger.AskAsync(1);
        Assert.Equal(39, (await ledger.AskAsync(100, permits, LedgerOnClock.Says(40, 39, Window))).Answer.Granted);
    }

    [Fact]
    public async Task It_is_forgotten_when_two_windows_have_passed_and_grows_no_less_cautious_before()
    {
        using var ledger = await StartAsync();
        var (_, permits) = await ledger.AskAsync(1);
        await ledger.AskAsync(0, permits, LedgerOnClock.Says(100, 49, Window));
        await ledger.AdvanceAsync(1.5 * Window);
        Assert.Equal(50, await DrainAsync(ledger));
        await ledger.AdvanceAsync(2 * Window);
        Assert.Equal(100, await DrainAsync(ledger));
    }

    [Fact]
    public async Task Near_the_edge_those_who_share_a_budget_go_one_by_one()
    {
        using var ledger = await StartAsync();
        var (_, permits) = await ledger.AskAsync(1);
        await ledger.AskAsync(0, permits, LedgerOnClock.Says(100, 9, Window));
        List<int> granted = [];
        IReadOnlyList<long> inFlight = [];
        for (var ask = 0; ask < 8; ask++)
        {
            (var answer, inFlight) = await ledger.AskAsync(50, inFlight);
            granted.Add(answer.Granted);
        }

        Assert.Equal([4, 2, 1, 1, 1, 0, 0, 0], granted);
    }

    [Fact]
    public async Task A_refusal_that_tells_nothing_else_leaves_what_was_used_by_then_and_no_less_than_three_quarters()
    {
        using var ledger = await StartAsync();
        var (_, permits) = await ledger.AskAsync(90);
        Assert.Equal(90, (await ledger.AskAsync(0, permits, new ServerReport(false, true, []))).Answer.Cap!.Permits);
        await ledger.AdvanceAsync(Window);
        var (_, few) = await ledger.AskAsync(2);
        Assert.Equal(67, (await ledger.AskAsync(0, few, new ServerReport(false, true, []))).Answer.Cap!.Permits);
    }

    private Task<LedgerOnClock> StartAsync() => LedgerOnClock.StartAsync(redis.Server, name => new LedgerAccount(name, [new(100, Window)]));

    /// <summary>Sends until nothing is granted.</summary>
    private static async Task<int> DrainAsync(LedgerOnClock ledger)
    {
        var total = 0;
        IReadOnlyList<long> inFlight = [];
        for (var ask = 0; ask < 50; ask++)
        {
            (var answer, inFlight) = await ledger.AskAsync(200, inFlight);
            total += answer.Granted;
        }

        return total;
    }
}
