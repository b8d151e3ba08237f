using Sluice.Testing;

namespace Sluice.RateLimiting.Tests.Outbound.Ledger;

/// <summary>In real time: processes that send as fast as their permits come, to a server that counts arrivals on a clock of its own.</summary>
public sealed class ZeroRefusalsTests(RedisFixture redis)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Several_processes_together_are_never_refused()
    {
        LedgerAccount account = new($"test-{Guid.NewGuid():N}", [new(20, TimeSpan.FromMilliseconds(100)), new(50, TimeSpan.FromMilliseconds(400))]);
        JournalInMemory journal = new();
        var processes = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => LedgerProcess.StartAsync(redis.Server, journal)));
        var arrivals = new List<long>();
        await Task.WhenAll(processes.SelectMany(process => Enumerable.Range(0, 80).Select(_ => Task.Run(() => SendAsync(process, account, arrivals), Stop)))).Within();

        arrivals.Sort();
        Assert.Equal(240, arrivals.Count);
        foreach (var tier in account.Tiers)
            Assert.Equal(0, SimulatedServers.RefusedBySlidingLog(tier, arrivals));
        foreach (var process in processes)
            await process.DisposeAsync();
    }

    private static async Task SendAsync(LedgerProcess process, LedgerAccount account, List<long> arrivals)
    {
        var permit = await process.AcquireAsync(account);
        await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(4)), TimeProvider.System, Stop);
        lock (arrivals)
            arrivals.Add((long)TimeProvider.System.GetElapsedTime(0).TotalMicroseconds);
        await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(4)), TimeProvider.System, Stop);
        permit.Release();
    }
}
