using Microsoft.Extensions.DependencyInjection;
using Sluice.RateLimiting.Tests.Limiter;
using Sluice.RateLimiting.Tests.Support;
using Sluice.Testing;
using StackExchange.Redis;

namespace Sluice.RateLimiting.Tests.Accounts;

public sealed class AccountRateLimiterTests(RedisFixture redis)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_account_is_a_leaky_bucket_of_sixty_per_minute_unless_configured()
    {
        using var connection = await RedisConnection.ConnectAsync(redis.Server);
        await using var services = new ServiceCollection()
            .AddLogging().AddMetrics().AddSingleton<IConnectionMultiplexer>(connection)
            .AddRateLimiting(options => options.StoreTimeout = TimeSpan.FromSeconds(30)).AddAccountRateLimiting().BuildServiceProvider();
        var accounts = services.GetRequiredService<AccountRateLimiter>();
        var account = LimiterProcess.NewPartition();

        Assert.Equal(new AccountStatus(account, 0, 60, 60), await accounts.StatusAsync(account, Stop));
        Assert.True(await accounts.AllowAsync(account, 60, Stop));
        Assert.False(await accounts.AllowAsync(account, 30, Stop));
        var one = await accounts.RetryAfterAsync(account, 1, Stop);
        Assert.InRange(one, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        // A hypothetical request of sixty units waits until the level has sunk by as many.
        Assert.InRange(await accounts.RetryAfterAsync(account, 60, Stop), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(60));
        var status = await accounts.StatusAsync(account, Stop);
        Assert.Equal((60L, status.Limit), (status.Used + status.Available, status.Limit));

        await accounts.ResetAsync(account, Stop);
        Assert.Equal(60, (await accounts.StatusAsync(account, Stop)).Available);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await accounts.AllowAsync(account, 61, Stop));
    }
}
