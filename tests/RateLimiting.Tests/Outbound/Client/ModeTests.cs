using System.Net;
using Sluice.RateLimiting.Tests.Support;
using Sluice.Testing;

namespace Sluice.RateLimiting.Tests.Outbound.Client;

public sealed class ModeTests(RedisFixture redis)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reject_throws_at_once_and_says_when_to_come_again()
    {
        await using var client = await StartAsync(redis.Server, options => options.Mode = ClientMode.Reject);
        using var first = await client.GetAsync(cancellationToken: Stop).Within();
        var error = await Assert.ThrowsAsync<RequestNotSentException>(() => client.GetAsync(cancellationToken: Stop).Within());
        Assert.Equal((client.AccountName, WaitCause.Ledger), (error.Account, error.Cause));
        Assert.InRange(error.RetryAfter, TimeSpan.FromMinutes(50), TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task A_wait_that_would_be_too_long_is_not_begun()
    {
        await using var client = await StartAsync(redis.Server, options => options.MaxWait = TimeSpan.FromMinutes(10));
        using var first = await client.GetAsync(cancellationToken: Stop).Within();
        await Assert.ThrowsAsync<RequestNotSentException>(() => client.GetAsync(cancellationToken: Stop).Within());
    }

    [Fact]
    public async Task A_pause_is_told_as_such()
    {
        await using var client = await StartAsync(redis.Server, options => options.Mode = ClientMode.Reject, () => new HttpResponseMessage(HttpStatusCode.TooManyRequests)
        {
            Headers = { RetryAfter = new(TimeSpan.FromSeconds(300)) },
        });
        using var refused = await client.GetAsync(cancellationToken: Stop).Within();
        var error = await Assert.ThrowsAsync<RequestNotSentException>(() => client.GetAsync(cancellationToken: Stop).Within());
        Assert.Equal(WaitCause.Pause, error.Cause);
        Assert.InRange(error.RetryAfter, TimeSpan.FromSeconds(200), TimeSpan.FromSeconds(300));
    }

    [Fact]
    public async Task Accounts_are_told_apart_by_what_the_partition_says()
    {
        await using var client = await StartAsync(redis.Server, options =>
        {
            options.Mode = ClientMode.Reject;
            options.Partition = "Header:X-Tenant";
        });
        foreach (var tenant in new[] { "a", "b" })
        {
            using var response = await client.SendAsync(HttpMethod.Get, change: request => request.Headers.Add("X-Tenant", tenant), cancellationToken: Stop).Within();
            await Assert.ThrowsAsync<RequestNotSentException>(
                () => client.SendAsync(HttpMethod.Get, change: request => request.Headers.Add("X-Tenant", tenant), cancellationToken: Stop).Within());
        }

        Assert.DoesNotContain(client.Redis.Server().Keys(pattern: $"pl:{{{client.AccountName}*"), key => ((string)key!).Contains(":a", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_limit_of_which_nothing_is_left_and_of_which_the_ledger_knows_nothing_is_waited_for_before_it_refuses()
    {
        await using var client = await StartAsync(
            redis.Server,
            options =>
            {
                options.Mode = ClientMode.Reject;
                options.Limits[0].Permits = 100;
            },
            () =>
            {
                var response = new HttpResponseMessage();
                response.Headers.Add("X-RateLimit-Limit", "5000");
                response.Headers.Add("X-RateLimit-Remaining", "0");
                response.Headers.Add("X-RateLimit-Reset", "600");
                return response;
            });
        using var last = await client.GetAsync(cancellationToken: Stop).Within();
        var error = await Assert.ThrowsAsync<RequestNotSentException>(() => client.GetAsync(cancellationToken: Stop).Within());
        Assert.InRange(error.RetryAfter, TimeSpan.FromSeconds(500), TimeSpan.FromSeconds(600));
        Assert.Empty(client.Observer.Refusals);
    }

    [Theory]
    [InlineData(StoreFailure.Allow, 5)]
    [InlineData(StoreFailure.Local, 2)]
    [InlineData(StoreFailure.Deny, 0)]
    public async Task While_redis_is_away_it_goes_by_its_rule(StoreFailure rule, int expected)
    {
        await using var server = await RedisServer.StartAsync(Stop);
        await using var client = await StartAsync(server, options =>
        {
            options.MaxWait = TimeSpan.FromSeconds(10);
            options.OnStoreFailure = rule;
            options.Instances = 2;
            options.Limits[0].Permits = 5;
        });
        await server.KillAsync();
        var sent = 0;
        for (var request = 0; request < 5; request++)
        {
            try
            {
                using var response = await client.GetAsync(cancellationToken: Stop).Within();
                sent++;
            }
            catch (RequestNotSentException error)
            {
                Assert.Equal(rule == StoreFailure.Deny ? WaitCause.Store : WaitCause.Ledger, error.Cause);
                break;
            }
        }

        Assert.Equal(expected, sent);
    }

    [Fact]
    public async Task What_was_sent_meanwhile_is_charged_when_redis_is_back()
    {
        await using var server = await RedisServer.StartAsync(Stop);
        await using var client = await StartAsync(server, options =>
        {
            options.OnStoreFailure = StoreFailure.Allow;
            options.Limits[0].Permits = 5;
            options.Mode = ClientMode.Reject;
        }, storeTimeout: TimeSpan.FromSeconds(2));
        using var first = await client.GetAsync(cancellationToken: Stop).Within();
        using (await Frozen.StartAsync(server))
        {
            for (var request = 0; request < 4; request++)
            {
                using var response = await client.GetAsync(cancellationToken: Stop).Within();
            }
        }

        // Or more: a question that was given up is asked again, and Redis may have heard it.
        await Deadline.UntilAsync(
            async () => (int)(await client.Redis.GetDatabase().SortedSetRangeByRankAsync($"pl:{{{client.AccountName}}}:done", -1, -1)).SingleOrDefault() >= 5,
            "the charges", cancellationToken: Stop);
        // Redis has them a moment before this process hears that it does.
        await Deadline.UntilAsync(() => IsRefusedAsync(client), "a refusal", cancellationToken: Stop);
    }

    private static async Task<bool> IsRefusedAsync(ClientUnderTest client)
    {
        try
        {
            using var response = await client.GetAsync(cancellationToken: Stop).Within();
            return false;
        }
        catch (RequestNotSentException)
        {
            return true;
        }
    }

    /// <summary>One permit an hour.</summary>
    private static Task<ClientUnderTest> StartAsync(
        RedisServer server, Action<RateLimitedClientOptions> configure, Func<HttpResponseMessage>? answer = null, TimeSpan? storeTimeout = null) =>
        ClientUnderTest.StartAsync(server, options =>
        {
            options.Limits.Add(new WindowOptions { Permits = 1, Window = TimeSpan.FromHours(1) });
            configure(options);
        }, (_, _) => Task.FromResult(answer?.Invoke() ?? new HttpResponseMessage()), storeTimeout: storeTimeout);
}
