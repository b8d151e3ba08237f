using System.Net;
using Sluice.Testing;

namespace Sluice.RateLimiting.Tests.Outbound.Client;

public sealed class BreakerTests(RedisFixture redis)
{
    private static readonly TimeSpan Break = TimeSpan.FromMinutes(1);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_that_answers_nothing_is_left_alone_and_then_tried_by_one_request_that_pays_its_permit()
    {
        var isDown = true;
        var sent = 0;
        FakeTimeProvider time = new();
        await using var client = await StartAsync(_ => { }, (_, _) =>
        {
            Interlocked.Increment(ref sent);
            return Task.FromResult(new HttpResponseMessage(Volatile.Read(ref isDown) ? HttpStatusCode.BadGateway : HttpStatusCode.OK));
        }, time);
        await FailAsync(client, 4);
        Volatile.Write(ref isDown, false);

        var requests = Enumerable.Range(0, 6).Select(_ => client.GetAsync(tag: "tag", cancellationToken: Stop)).ToList();
        await Deadline.UntilAsync(async () => time.PendingTimers == 6 && await client.InFlightAsync() == 0, "all to wait", cancellationToken: Stop);
        time.Advance(Break);
        foreach (var response in await Task.WhenAll(requests).Within())
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            response.Dispose();
        }

        // Permits of those who found it open went back: 10 were sent, and 10 are counted.
        Assert.Equal(10, sent);
        await Deadline.UntilAsync(
            async () => (await client.Redis.GetDatabase().SortedSetRangeByRankAsync($"pl:{{{client.AccountName}}}:done", -1, -1)).SingleOrDefault() == 10
                && await client.InFlightAsync() == 0,
            "the charges", cancellationToken: Stop);
        var waits = client.Observer.Waits.Where(wait => wait.Cause == WaitCause.Breaker).ToList();
        Assert.NotEmpty(waits);
        Assert.Equal("tag", waits[0].Tag);
    }

    [Fact]
    public async Task Who_is_turned_away_at_the_moment_at_which_the_circuit_closes_goes_on_at_once()
    {
        FakeTimeProvider time = new();
        InterruptingClock clock = new(time);
        TaskCompletionSource reached = new(), answered = new();
        await using var client = await StartAsync(_ => { }, async (request, _) =>
        {
            if (request.RequestUri!.Query == "?broken")
                return new HttpResponseMessage(HttpStatusCode.BadGateway);
            reached.TrySetResult();
            await answered.Task;
            return new HttpResponseMessage();
        }, clock);
        await FailAsync(client, 4, "http://server/?broken");
        time.Advance(Break);
        var probe = client.GetAsync(cancellationToken: Stop);
        await reached.Task.Within();
        var next = clock.InterruptAsync(() => client.GetAsync(cancellationToken: Stop), async () =>
        {
            answered.SetResult();
            await probe;
        });

        using var response = await next.Within();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        (await probe).Dispose();
    }

    [Fact]
    public async Task A_client_that_does_not_wait_is_told_when_to_come_again()
    {
        await using var client = await StartAsync(options => options.Mode = ClientMode.Reject, (_, _) => throw new HttpRequestException(HttpRequestError.ConnectionError));
        for (var request = 0; request < 4; request++)
            await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(cancellationToken: Stop).Within());
        var error = await Assert.ThrowsAsync<RequestNotSentException>(() => client.GetAsync(cancellationToken: Stop).Within());
        Assert.Equal(WaitCause.Breaker, error.Cause);
        Assert.InRange(error.RetryAfter, TimeSpan.FromTicks(1), Break);
    }

    [Fact]
    public async Task Other_servers_are_called_as_before()
    {
        await using var client = await StartAsync(
            options => options.Mode = ClientMode.Reject,
            (request, _) => Task.FromResult(new HttpResponseMessage(request.RequestUri!.Host == "broken" ? HttpStatusCode.BadGateway : HttpStatusCode.OK)));
        await FailAsync(client, 4, "http://broken/");
        await Assert.ThrowsAsync<RequestNotSentException>(() => client.GetAsync("http://broken/other", cancellationToken: Stop).Within());
        using var response = await client.GetAsync("http://sound/", cancellationToken: Stop).Within();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Refusals_are_no_failures_of_the_server()
    {
        await using var client = await StartAsync(
            _ => { }, (_, _) => Task.FromResult(new HttpResponseMessage(HttpStatusCode.TooManyRequests) { Headers = { RetryAfter = new(TimeSpan.Zero) } }));
        for (var request = 0; request < 8; request++)
        {
            using var response = await client.GetAsync(tag: "tag", cancellationToken: Stop).Within();
            Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        }

        Assert.DoesNotContain(client.Observer.Waits, wait => wait.Cause == WaitCause.Breaker);
    }

    private static async Task FailAsync(ClientUnderTest client, int requests, string address = "http://server/")
    {
        for (var request = 0; request < requests; request++)
        {
            using var response = await client.GetAsync(address, cancellationToken: Stop).Within();
            Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        }
    }

    /// <summary>Opens when 4 of 4 requests have failed.</summary>
    private Task<ClientUnderTest> StartAsync(
        Action<RateLimitedClientOptions> configure, Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> server, TimeProvider? time = null) =>
        ClientUnderTest.StartAsync(redis.Server, options =>
        {
            options.Limits.Add(new WindowOptions { Permits = 100, Window = TimeSpan.FromHours(1) });
            options.Breaker = new BreakerOptions { MinimumThroughput = 4, BreakDuration = Break };
            configure(options);
        }, server, time: time);

    /// <summary>Does something once, in one flow: between what that flow is told of the circuit, by the time of day, and its next look at the clock.</summary>
    private sealed class InterruptingClock(FakeTimeProvider clock) : TimeProvider
    {
        private readonly AsyncLocal<Func<Task>?> interrupt = new();
        private Func<Task>? due;

        public override long TimestampFrequency => clock.TimestampFrequency;

        /// <summary>In the flow that begins with the action.</summary>
        public Task<T> InterruptAsync<T>(Func<Task<T>> flow, Func<Task> action)
        {
            interrupt.Value = action;
            try
            {
                return flow();
            }
            finally
            {
                interrupt.Value = null;
            }
        }

        public override DateTimeOffset GetUtcNow()
        {
            due ??= interrupt.Value;
            return clock.GetUtcNow();
        }

        public override long GetTimestamp()
        {
            // A clock can't await.
            if (interrupt.Value is not null)
                Interlocked.Exchange(ref due, null)?.Invoke().Within().GetAwaiter().GetResult();
            return clock.GetTimestamp();
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            clock.CreateTimer(callback, state, dueTime, period);
    }
}
