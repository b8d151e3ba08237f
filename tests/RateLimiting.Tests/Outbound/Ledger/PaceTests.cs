using Sluice.RateLimiting.Outbound;
using Sluice.Testing;

namespace Sluice.RateLimiting.Tests.Outbound.Ledger;

/// <summary>Accounts that have a rate in place of windows, on a clock that the test sets.</summary>
public sealed class PaceTests(RedisFixture redis)
{
    private static readonly TimeSpan Microsecond = TimeSpan.FromMicroseconds(1);

    [Fact]
    public async Task A_leaky_bucket_sends_one_by_one_a_rates_interval_after_the_response_before()
    {
        using var ledger = await LedgerOnClock.StartAsync(redis.Server, name => LedgerAccount.LeakyBucket(name, 60, TimeSpan.FromMinutes(1)));
        var (first, permits) = await ledger.AskAsync(5);
        Assert.Equal(1, first.Granted);
        await ledger.AdvanceAsync(TimeSpan.FromMilliseconds(300));
        var (second, _) = await ledger.AskAsync(4, permits);
        Assert.Equal((0, TimeSpan.FromSeconds(1)), (second.Granted, second.Wait));
        await ledger.AdvanceAsync(TimeSpan.FromSeconds(1) - Microsecond);
        Assert.Equal(0, (await ledger.AskAsync(4)).Answer.Granted);
        await ledger.AdvanceAsync(Microsecond);
        Assert.Equal(1, (await ledger.AskAsync(4)).Answer.Granted);
    }

    [Fact]
    public async Task With_a_burst_slow_responses_do_not_slow_the_rate()
    {
        using var ledger = await LedgerOnClock.StartAsync(redis.Server, name => LedgerAccount.LeakyBucket(name, 60, TimeSpan.FromMinutes(1), burst: 5));
        IReadOnlyList<long> inFlight = [];
        for (var second = 0; second < 30; second++)
        {
            // Each response takes a second, and the next permit is granted at once all the same.
            var (answer, permits) = await ledger.AskAsync(3, inFlight);
            Assert.Equal((1, TimeSpan.FromSeconds(1)), (answer.Granted, answer.Wait));
            inFlight = permits;
            await ledger.AdvanceAsync(TimeSpan.FromSeconds(1));
        }
    }

    [Fact]
    public async Task An_adaptive_rate_grows_by_a_tenth_after_100_successes_and_falls_by_a_quarter_after_3_refusals()
    {
        using var ledger = await AdaptiveAsync(start: 10);
        await ReportAsync(ledger, Success, 99);
        Assert.Equal(10, await RateAsync(ledger), 3);
        await ReportAsync(ledger, Success, 1);
        Assert.Equal(11, await RateAsync(ledger), 3);
        await ReportAsync(ledger, Refusal, 2);
        Assert.Equal(11, await RateAsync(ledger), 3);
        await ReportAsync(ledger, Refusal, 1);
        Assert.Equal(8.25, await RateAsync(ledger), 3);
    }

    [Fact]
    public async Task Those_who_are_refused_together_lower_it_once()
    {
        using var ledger = await AdaptiveAsync(start: 100);
        await ledger.PauseAsync(TimeSpan.FromSeconds(5));
        await ReportAsync(ledger, Refusal, 3);
        await ReportAsync(ledger, Refusal, 50);
        Assert.Equal(75, await RateAsync(ledger), 2);
        await ledger.AdvanceAsync(TimeSpan.FromSeconds(5));
        await ReportAsync(ledger, Refusal, 3);
        Assert.Equal(56.25, await RateAsync(ledger), 2);
    }

    [Fact]
    public async Task It_never_falls_below_1_per_second_nor_grows_beyond_the_most()
    {
        using var ledger = await AdaptiveAsync(start: 10, most: 12);
        for (var more = 0; more < 5; more++)
            await ReportAsync(ledger, Success, 100);
        Assert.Equal(12, await RateAsync(ledger), 2);
        for (var less = 0; less < 20; less++)
        {
            await ReportAsync(ledger, Refusal, 3);
            await ledger.AdvanceAsync(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(1, await RateAsync(ledger), 6);
    }

    [Fact]
    public async Task It_grants_at_its_rate()
    {
        using var ledger = await AdaptiveAsync(start: 10);
        // The ledger is a moment behind at first, as if it had slept.
        var granted = (await ledger.AskAsync(100)).Answer.Granted;
        for (var tenth = 0; tenth < 50; tenth++)
        {
            await ledger.AdvanceAsync(TimeSpan.FromMilliseconds(100));
            granted += (await ledger.AskAsync(100)).Answer.Granted;
        }

        Assert.Equal(51, granted);
    }

    [Fact]
    public async Task Windows_that_the_server_tells_take_the_place_of_the_rate()
    {
        using var ledger = await AdaptiveAsync(start: 10);
        var window = TimeSpan.FromSeconds(30);
        var (_, permits) = await ledger.AskAsync(1);
        var (answer, more) = await ledger.AskAsync(100, permits, LedgerOnClock.Says(50, 49, window));
        Assert.Equal((49, window), (answer.Granted, answer.Wait));
        await ledger.AskAsync(0, more);
        await ledger.AdvanceAsync(window - Microsecond);
        Assert.Equal(0, (await ledger.AskAsync(100)).Answer.Granted);
        // No two of them completed in one microsecond, nor do they leave the window in one.
        await ledger.AdvanceAsync(2 * Microsecond);
        Assert.Equal(50, (await ledger.AskAsync(100)).Answer.Granted);
    }

    private static ServerReport Success { get; } = new(true, false, []);

    private static ServerReport Refusal { get; } = new(false, true, []);

    private static async Task ReportAsync(LedgerOnClock ledger, ServerReport report, int times) => await ledger.AskAsync(0, null, report, times);

    private static async Task<double> RateAsync(LedgerOnClock ledger) => 1 / (await ledger.AskAsync(0)).Answer.Interval.TotalSeconds;

    private Task<LedgerOnClock> AdaptiveAsync(double start, double most = 1000) =>
        LedgerOnClock.StartAsync(redis.Server, name => LedgerAccount.Adaptive(name, start, most));
}
