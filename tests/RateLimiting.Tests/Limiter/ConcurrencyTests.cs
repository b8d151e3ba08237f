using Sluice.RateLimiting.Tests.Support;
using Sluice.Testing;

namespace Sluice.RateLimiting.Tests.Limiter;

public sealed class ConcurrencyTests(RedisFixture redis)
{
    [Theory]
    [InlineData(RateLimitAlgorithm.SlidingWindow)]
    [InlineData(RateLimitAlgorithm.TokenBucket)]
    [InlineData(RateLimitAlgorithm.LeakyBucket)]
    [InlineData(RateLimitAlgorithm.SlidingWindowCounter)]
    [InlineData(RateLimitAlgorithm.FixedWindow)]
    [InlineData(RateLimitAlgorithm.Gcra)]
    [InlineData(RateLimitAlgorithm.Concurrency)]
    public async Task Many_processes_hammering_one_key_get_the_limit_to_the_permit(RateLimitAlgorithm algorithm)
    {
        var partition = LimiterProcess.NewPartition();
        var processes = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => LimiterProcess.StartAsync(redis.Server, policy =>
        {
            policy.SlidingWindow(1500, TimeSpan.FromHours(2));
            policy.Tiers.Add(new TierOptions { Algorithm = algorithm, Permits = 1000, Window = TimeSpan.FromDays(366) });
        })));
        var granted = await Task.WhenAll(processes.SelectMany(process => Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            var count = 0;
            for (var call = 0; call < 100; call++)
                count += (await process.AcquireAsync(partition)).IsGranted ? 1 : 0;
            return count;
        })))).Within();
        Assert.Equal(1000, granted.Sum());
        foreach (var process in processes)
            await process.DisposeAsync();
    }

    [Fact]
    public async Task Nor_do_they_exceed_it_in_any_window_while_windows_pass()
    {
        var partition = LimiterProcess.NewPartition();
        var window = TimeSpan.FromMilliseconds(200);
        var processes = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => LimiterProcess.StartAsync(redis.Server, [(50, window)])));
        // A grant happened at some time between the question and the answer.
        var grants = (await Task.WhenAll(processes.SelectMany(process => Enumerable.Range(0, 4).Select(_ => Task.Run(() => HammerAsync(process, partition))))).Within())
            .SelectMany(own => own).ToList();
        Assert.True(grants.Count > 50);
        foreach (var (_, answered) in grants)
        {
            // Those certainly granted within the window that ends with this answer were asked for after its begin and answered by then.
            var begin = answered - (long)(window.TotalSeconds * TimeProvider.System.TimestampFrequency * 0.99);
            Assert.True(grants.Count(grant => grant.Asked > begin && grant.Answered <= answered) <= 50);
        }

        foreach (var process in processes)
            await process.DisposeAsync();
    }

    private static async Task<List<(long Asked, long Answered)>> HammerAsync(LimiterProcess process, string partition)
    {
        List<(long, long)> grants = [];
        while (grants.Count < 40)
        {
            var asked = TimeProvider.System.GetTimestamp();
            if ((await process.AcquireAsync(partition)).IsGranted)
                grants.Add((asked, TimeProvider.System.GetTimestamp()));
            await Task.Yield();
        }

        return grants;
    }
}
