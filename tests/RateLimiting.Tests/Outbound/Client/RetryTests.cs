using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using Sluice.RateLimiting.Outbound;
using Sluice.Testing;

namespace Sluice.RateLimiting.Tests.Outbound.Client;

public sealed class RetryTests(RedisFixture redis)
{
    private static readonly TimeSpan Never = TimeSpan.FromHours(20);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void A_delay_doubles_with_each_attempt_up_to_the_longest_and_has_a_jitter_on_top()
    {
        RateLimitedClientOptions options = new() { Random = () => 0.5 };
        (options.Retry.BaseDelay, options.Retry.MaxDelay, options.Retry.Jitter) = (TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(3));
        Assert.Equal([3.5, 5.5, 9.5, 17.5, 21.5, 21.5], Enumerable.Range(0, 6).Select(attempt => RetryRules.Backoff(options, attempt).TotalSeconds));
        Assert.Equal(21.5, RetryRules.Backoff(options, 5000).TotalSeconds);
    }

    [Fact]
    public async Task Half_of_the_attempts_failing_as_many_requests_succeed_as_theory_says_after_delays_that_double()
    {
        const int Requests = 500;
        const int Attempts = 5;
        // Drawn in advance: how many fail isn't left to the order in which requests come.
        var random = new Random(4711);
        var fails = Enumerable.Range(0, Requests).ToDictionary(
            number => $"?{number}", _ => Enumerable.Range(0, Attempts).Select(_ => random.NextDouble() < 0.5).ToArray());
        ConcurrentDictionary<string, int> attempts = new();
        await using var client = await StartAsync(
            options =>
            {
                options.Retry.Attempts = Attempts;
                (options.Retry.BaseDelay, options.Retry.Jitter) = (TimeSpan.FromMilliseconds(16), TimeSpan.FromMilliseconds(16));
            },
            (request, _) =>
            {
                var attempt = attempts.AddOrUpdate(request.RequestUri!.Query, 1, (_, before) => before + 1);
                return Task.FromResult(new HttpResponseMessage(fails[request.RequestUri.Query][attempt - 1] ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.OK));
            });

        var statuses = await Task.WhenAll(Enumerable.Range(0, Requests).Select(async number =>
        {
            using var response = await client.GetAsync($"http://server/?{number}", tag: $"{number}", cancellationToken: Stop);
            return response.StatusCode;
        })).Within();

        // Four standard deviations of a binomial distribution.
        var share = 1 - Math.Pow(0.5, Attempts);
        var bound = 4 * Math.Sqrt(share * (1 - share) / Requests);
        Assert.InRange(statuses.Count(status => status == HttpStatusCode.OK) / (double)Requests, share - bound, share + bound);
        Assert.Equal(Attempts, attempts.Values.Max());

        // Timers go by a clock that ticks every 4 ms: one tick at the start of a wait, and one at its end.
        foreach (var waits in client.Observer.Waits.Where(wait => wait.Cause == WaitCause.Retry).GroupBy(wait => wait.Tag))
            foreach (var (attempt, wait) in waits.OrderBy(wait => wait.Started).Index())
                Assert.True(TimeProvider.System.GetElapsedTime(wait.Started, wait.Ended) >= TimeSpan.FromMilliseconds((16 << attempt) - 9));
        Assert.Equal(attempts.Values.Sum() - Requests, client.Observer.Waits.Count(wait => wait.Cause == WaitCause.Retry));
    }

    [Theory]
    [InlineData(HttpStatusCode.RequestTimeout, 3)]
    [InlineData(HttpStatusCode.TooManyRequests, 3)]
    [InlineData(HttpStatusCode.InternalServerError, 3)]
    [InlineData(HttpStatusCode.GatewayTimeout, 3)]
    [InlineData(HttpStatusCode.NotFound, 1)]
    [InlineData(HttpStatusCode.Conflict, 1)]
    [InlineData(HttpStatusCode.Found, 1)]
    public async Task Only_what_may_pass_is_repeated_and_the_last_response_is_returned(HttpStatusCode status, int expected)
    {
        var sent = 0;
        await using var client = await StartAsync(Quick, (_, _) =>
        {
            sent++;
            return Task.FromResult(new HttpResponseMessage(status) { Headers = { RetryAfter = new RetryConditionHeaderValue(TimeSpan.Zero) } });
        });
        using var response = await client.GetAsync(cancellationToken: Stop).Within();
        Assert.Equal((status, expected), (response.StatusCode, sent));
    }

    [Theory]
    [InlineData("GET", false, 3)]
    [InlineData("PUT", false, 3)]
    [InlineData("DELETE", false, 3)]
    [InlineData("POST", false, 1)]
    [InlineData("PATCH", false, 1)]
    [InlineData("POST", true, 3)]
    public async Task Only_requests_that_may_be_sent_twice_are(string method, bool hasKey, int expected)
    {
        List<string> bodies = [];
        await using var client = await StartAsync(Quick, async (request, cancellation) =>
        {
            bodies.Add(await request.Content!.ReadAsStringAsync(cancellation));
            throw new HttpRequestException(HttpRequestError.ResponseEnded);
        });
        await Assert.ThrowsAsync<HttpRequestException>(() => client.SendAsync(new HttpMethod(method), change: request =>
        {
            request.Content = new StringContent("body");
            if (hasKey)
                request.Headers.Add("Idempotency-Key", "1");
        }, cancellationToken: Stop).Within());
        Assert.Equal(Enumerable.Repeat("body", expected), bodies);
    }

    [Fact]
    public async Task A_body_that_is_too_large_to_be_kept_is_sent_once()
    {
        var sent = 0;
        await using var client = await StartAsync(
            options =>
            {
                Quick(options);
                options.Retry.MaxBodyBytes = 3;
            },
            (_, _) =>
            {
                sent++;
                return Task.FromResult(new HttpResponseMessage(HttpStatusCode.BadGateway));
            });
        using var response = await client.SendAsync(HttpMethod.Put, change: request => request.Content = new StringContent("body"), cancellationToken: Stop).Within();
        Assert.Equal(1, sent);
    }

    [Fact]
    public async Task Every_attempt_pays_its_permit()
    {
        await using var client = await StartAsync(
            options =>
            {
                Quick(options);
                options.Mode = ClientMode.Reject;
                options.Limits[0].Permits = 2;
            },
            (_, _) => Task.FromResult(new HttpResponseMessage(HttpStatusCode.BadGateway)));
        var error = await Assert.ThrowsAsync<RequestNotSentException>(() => client.GetAsync(cancellationToken: Stop).Within());
        Assert.Equal(WaitCause.Ledger, error.Cause);
        Assert.Equal(2, (int)(await client.Redis.GetDatabase().SortedSetRangeByRankAsync($"pl:{{{client.AccountName}}}:done", -1, -1))[0]);
    }

    public static TheoryData<string, HttpStatusCode, string[]> Words => new()
    {
        { "Retry-After in seconds", HttpStatusCode.ServiceUnavailable, ["Retry-After: 1"] },
        { "Retry-After as a date", HttpStatusCode.ServiceUnavailable, ["Retry-After: Thu, 01 May 2031 12:00:01 GMT", "Date: Thu, 01 May 2031 12:00:00 GMT"] },
        { "X-RateLimit-Reset as a time", HttpStatusCode.ServiceUnavailable, ["X-RateLimit-Limit: 5", "X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 1935403201", "Date: Thu, 01 May 2031 12:00:00 GMT"] },
        { "the IETF fields", HttpStatusCode.ServiceUnavailable, ["RateLimit-Policy: \"a\";q=5;w=60", "RateLimit: \"a\";r=0;t=1"] },
    };

    [Theory]
    [MemberData(nameof(Words), DisableDiscoveryEnumeration = true)]
    public async Task What_the_server_says_beats_the_backoff(string says, HttpStatusCode status, string[] headers)
    {
        Assert.NotEmpty(says);
        var sent = 0;
        await using var client = await StartAsync(
            options =>
            {
                options.Limits[0].Window = TimeSpan.FromMilliseconds(1);
                options.Retry.Attempts = 2;
                (options.Retry.BaseDelay, options.Retry.MaxDelay) = (Never, Never);
            },
            (_, _) =>
            {
                var response = new HttpResponseMessage(sent++ == 0 ? status : HttpStatusCode.OK);
                foreach (var header in headers.Select(header => header.Split(": ", 2)))
                    response.Headers.TryAddWithoutValidation(header[0], header[1]);
                return Task.FromResult(response);
            });
        using var response = await client.GetAsync(tag: "tag", cancellationToken: Stop).Within();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var wait = Assert.Single(client.Observer.Waits, wait => wait.Cause == WaitCause.Retry);
        Assert.True(TimeProvider.System.GetElapsedTime(wait.Started, wait.Ended) >= TimeSpan.FromSeconds(0.99));
    }

    [Fact]
    public async Task A_server_that_asks_for_too_long_gets_no_other_attempt()
    {
        await using var client = await StartAsync(Quick, (_, _) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.ServiceUnavailable) { Headers = { RetryAfter = new RetryConditionHeaderValue(Never) } }));
        using var response = await client.GetAsync(cancellationToken: Stop).Within();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
    }

    [Fact]
    public async Task The_pause_after_a_429_is_the_wait_for_the_next_attempt()
    {
        var sent = 0;
        await using var client = await StartAsync(
            options =>
            {
                options.Retry.Attempts = 2;
                (options.Retry.BaseDelay, options.Retry.MaxDelay) = (Never, Never);
            },
            (_, _) => Task.FromResult(new HttpResponseMessage(sent++ == 0 ? HttpStatusCode.TooManyRequests : HttpStatusCode.OK)));
        var began = TimeProvider.System.GetTimestamp();
        using var response = await client.GetAsync(tag: "tag", cancellationToken: Stop).Within();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(TimeProvider.System.GetElapsedTime(began) >= TimeSpan.FromSeconds(1));
        // None at all where the next attempt came so late that there was nothing left to wait for.
        Assert.All(client.Observer.Waits, wait => Assert.Equal(WaitCause.Pause, wait.Cause));
    }

    private static void Quick(RateLimitedClientOptions options)
    {
        options.Retry.Attempts = 3;
        (options.Retry.BaseDelay, options.Retry.Jitter) = (TimeSpan.Zero, TimeSpan.Zero);
    }

    private Task<ClientUnderTest> StartAsync(
        Action<RateLimitedClientOptions> configure, Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> server) =>
        ClientUnderTest.StartAsync(redis.Server, options =>
        {
            options.Limits.Add(new WindowOptions { Permits = 100_000, Window = TimeSpan.FromHours(1) });
            configure(options);
        }, server);
}
