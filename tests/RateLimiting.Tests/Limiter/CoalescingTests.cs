using Sluice.RateLimiting.Tests.Support;
using Sluice.Testing;

namespace Sluice.RateLimiting.Tests.Limiter;

public sealed class CoalescingTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Callers_who_come_while_a_call_is_under_way_travel_together_and_are_granted_in_the_order_of_their_coming()
    {
        await using var server = await RedisServer.StartAsync(Stop);
        await using var process = await LimiterProcess.StartAsync(server, [(500, TimeSpan.FromHours(1))]);
        var partition = LimiterProcess.NewPartition();
        Assert.True((await process.AcquireAsync(partition)).IsGranted);
        var before = await process.Redis.ScriptCallsAsync();

        // Redis answers nobody until all have come.
        using (var pause = await Frozen.StartAsync(server))
        {
            var calls = Enumerable.Range(0, 1000).Select(_ => process.Limiter.AcquireAsync(LimiterProcess.Policy, partition, 1, Stop).AsTask()).ToList();
            pause.Dispose();
            var decisions = await Task.WhenAll(calls).Within();
            Assert.Equal(
                Enumerable.Range(0, 1000).Select(call => call < 499), decisions.Select(decision => decision.IsGranted));
            Assert.Equal(
                Enumerable.Range(0, 499).Select(call => 498L - call), decisions.Take(499).Select(decision => decision.Tiers[0].Remaining));
        }

        // The first travelled alone and the others together, or all together where the pool had other work to do first.
        Assert.InRange(await process.Redis.ScriptCallsAsync() - before, 1, 2);
    }

    [Fact]
    public async Task Keys_do_not_wait_for_each_other()
    {
        await using var server = await RedisServer.StartAsync(Stop);
        await using var process = await LimiterProcess.StartAsync(server, [(1, TimeSpan.FromHours(1))]);
        var decisions = await Task.WhenAll(Enumerable.Range(0, 500).Select(caller => process.AcquireAsync($"caller {caller}")));
        Assert.All(decisions, decision => Assert.True(decision.IsGranted));
    }

    [Fact]
    public async Task Callers_resume_side_by_side()
    {
        await using var server = await RedisServer.StartAsync(Stop);
        await using var process = await LimiterProcess.StartAsync(server, [(500, TimeSpan.FromHours(1))]);
        using var all = new CountdownEvent(3);

        // Redis answers nobody until all have asked: the first travels alone, the others together.
        using var pause = await Frozen.StartAsync(server);
        var callers = Enumerable.Range(0, 3).Select(_ => HoldAsync()).ToList();
        pause.Dispose();
        await Task.WhenAll(callers).Within();

        async Task HoldAsync()
        {
            await process.Limiter.AcquireAsync(LimiterProcess.Policy, "one key", 1, Stop).ConfigureAwait(false);
            // Each holds its thread until the others have come as well.
            all.Signal();
            Assert.True(all.Wait(Deadline.Default, Stop));
        }
    }
}
