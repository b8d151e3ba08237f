using Sluice.Testing;

namespace Sluice.RateLimiting.Tests.Limiter;

public sealed class SlotListTests(RedisFixture redis)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_list_of_slots_stays_short_however_long_somebody_waits_and_goes_with_a_reset()
    {
        await using var process = await LimiterProcess.StartAsync(redis.Server, policy =>
        {
            policy.TokenBucket(1, TimeSpan.FromMilliseconds(1));
            policy.MaxWait = TimeSpan.FromHours(1);
        });
        var partition = LimiterProcess.NewPartition();
        var list = $"rl:{{{LimiterProcess.Policy}:{partition}}}:slots";
        var database = process.Redis.GetDatabase();
        async Task<long> WaitOftenAsync()
        {
            long longest = 0;
            for (var turn = 0; turn < 200; turn++)
            {
                Assert.True((await process.Limiter.WaitAsync(LimiterProcess.Policy, partition, 1, Stop)).IsGranted);
                longest = Math.Max(longest, await database.StringLengthAsync(list));
            }

            return longest;
        }

        // While one has come to its slot others wait for theirs, so there is always a slot ahead.
        var longest = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => WaitOftenAsync())).Within();
        Assert.InRange(longest.Max(), 1, 500 * 16);

        Assert.True(await database.KeyTimeToLiveAsync(list) is not null || !await database.KeyExistsAsync(list));
        await process.Limiter.ResetAsync(LimiterProcess.Policy, partition, Stop);
        Assert.False(await database.KeyExistsAsync(list));
    }
}
