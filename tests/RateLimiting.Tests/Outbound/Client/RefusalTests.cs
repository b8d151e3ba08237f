using System.Net;
using System.Net.Http.Headers;
using Sluice.RateLimiting.Tests.Outbound.Ledger;
using Sluice.Testing;

namespace Sluice.RateLimiting.Tests.Outbound.Client;

public sealed class RefusalTests(RedisFixture redis)
{
    private static readonly DateTimeOffset ServerTime = new(2031, 5, 1, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private readonly LedgerAccount account = LedgerProcess.Account(permits: 10, windowMilliseconds: 100);

    public static TheoryData<string, RetryConditionHeaderValue?, TimeSpan> Answers => new()
    {
        { "in seconds", new(TimeSpan.FromSeconds(17)), TimeSpan.FromSeconds(17) },
        { "a date, by the server's clock", new(ServerTime.AddSeconds(40)), TimeSpan.FromSeconds(40) },
        { "a date that has passed", new(ServerTime.AddSeconds(-40)), TimeSpan.Zero },
        { "nothing", null, TimeSpan.FromSeconds(1) },
    };

    [Theory]
    [MemberData(nameof(Answers), DisableDiscoveryEnumeration = true)]
    public async Task A_429_pauses_the_account_for_as_long_as_it_says(string says, RetryConditionHeaderValue? retryAfter, TimeSpan expected)
    {
        Assert.NotEmpty(says);
        await using var client = await ClientUnderTest.StartAsync(redis.Server, account, (_, _) => Task.FromResult(Refused(retryAfter)));
        using var response = await client.GetAsync(tag: "import", cancellationToken: Stop).Within();
        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Equal(new OutboundRefusal(account.Name, "import", expected), Assert.Single(client.Observer.Refusals));
    }

    [Fact]
    public async Task No_process_sends_anything_meanwhile()
    {
        var pause = TimeSpan.FromSeconds(1);
        await using var client = await ClientUnderTest.StartAsync(redis.Server, account, (_, _) => Task.FromResult(Refused(new(pause))));
        await using var other = await LedgerProcess.StartAsync(redis.Server);
        var began = TimeProvider.System.GetTimestamp();
        using var response = await client.GetAsync(cancellationToken: Stop).Within();
        await other.AcquireAsync(account, 1);
        Assert.True(TimeProvider.System.GetElapsedTime(began) >= pause);
    }

    [Fact]
    public async Task Several_refused_together_are_recorded_as_one()
    {
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var came = 0;
        await using var client = await ClientUnderTest.StartAsync(redis.Server, account, async (_, _) =>
        {
            if (Interlocked.Increment(ref came) == 5)
                all.SetResult();
            await all.Task;
            return Refused(new(TimeSpan.FromSeconds(30)));
        });
        foreach (var response in await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => client.GetAsync(cancellationToken: Stop))).Within())
            response.Dispose();
        Assert.Single(client.Observer.Refusals);
    }

    private static HttpResponseMessage Refused(RetryConditionHeaderValue? retryAfter)
    {
        var response = new HttpResponseMessage(HttpStatusCode.TooManyRequests);
        response.Headers.RetryAfter = retryAfter;
        response.Headers.Date = ServerTime;
        return response;
    }
}
