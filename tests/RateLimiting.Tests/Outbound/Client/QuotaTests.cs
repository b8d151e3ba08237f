using System.Net;
using Sluice.RateLimiting.Outbound;
using Sluice.RateLimiting.Tests.Outbound.Ledger;
using Sluice.RateLimiting.Tests.Support;
using Sluice.Testing;

namespace Sluice.RateLimiting.Tests.Outbound.Client;

public sealed class QuotaTests(RedisFixture redis)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string, QuotaKind, string, string> Ends => new()
    {
        { "UTC", QuotaKind.Day, "2026-11-21T23:59:59Z", "2026-11-22T00:00:00Z" },
        { "UTC", QuotaKind.Day, "2026-12-31T00:00:00Z", "2027-01-01T00:00:00Z" },
        { "UTC", QuotaKind.Month, "2028-02-29T12:00:00Z", "2028-03-01T00:00:00Z" },
        { "Europe/Berlin", QuotaKind.Day, "2026-11-21T22:59:59Z", "2026-11-21T23:00:00Z" },
        { "Europe/Berlin", QuotaKind.Day, "2026-03-29T00:30:00Z", "2026-03-29T22:00:00Z" },
        { "Europe/Berlin", QuotaKind.Month, "2026-10-15T00:00:00Z", "2026-10-31T23:00:00Z" },
        // The clocks go from 0:00 to 1:00, and back at 24:00 of the day before.
        { "America/Asuncion", QuotaKind.Day, "2023-09-30T12:00:00Z", "2023-10-01T04:00:00Z" },
        { "America/Havana", QuotaKind.Day, "2026-10-31T12:00:00Z", "2026-11-01T04:00:00Z" },
    };

    [Theory]
    [MemberData(nameof(Ends))]
    public void A_period_ends_at_its_zones_midnight(string zone, QuotaKind kind, string now, string end)
    {
        var period = QuotaPeriod.At(new QuotaOptions { Permits = 5, Period = kind, TimeZone = zone }, Time(now));
        Assert.Equal(Time(end), period.End);
        Assert.NotEqual(period.Key, QuotaPeriod.At(new QuotaOptions { Permits = 5, Period = kind, TimeZone = zone }, period.End).Key);
        Assert.Equal(period.Key, QuotaPeriod.At(new QuotaOptions { Permits = 5, Period = kind, TimeZone = zone }, period.End.AddTicks(-1)).Key);
    }

    [Fact]
    public async Task A_used_up_quota_says_when_it_begins_anew_and_does()
    {
        FakeTimeProvider time = new(Time("2026-11-21T20:00:00Z"));
        var server = new Counting();
        await using var client = await StartAsync(server, time: time, quotas: new QuotaOptions { Permits = 3 });
        await SendAsync(client, 3);
        var error = await Assert.ThrowsAsync<QuotaExhaustedException>(() => client.GetAsync(cancellationToken: Stop).Within());
        Assert.Equal((Time("2026-11-22T00:00:00Z"), TimeSpan.FromHours(4), QuotaKind.Day, 3, WaitCause.Quota), (error.ResetsAt, error.RetryAfter, error.Kind, error.Limit, error.Cause));
        Assert.Equal(3, server.Sent);
        time.Advance(TimeSpan.FromHours(4));
        await SendAsync(client, 3);
    }

    [Fact]
    public async Task Of_two_the_one_that_lasts_longer_is_told()
    {
        FakeTimeProvider time = new(Time("2026-11-21T20:00:00Z"));
        await using var client = await StartAsync(new Counting(), time, null,
            new QuotaOptions { Permits = 3 }, new QuotaOptions { Permits = 3, Period = QuotaKind.Month, TimeZone = "Europe/Berlin" });
        await SendAsync(client, 3);
        var error = await Assert.ThrowsAsync<QuotaExhaustedException>(() => client.GetAsync(cancellationToken: Stop).Within());
        Assert.Equal(Time("2026-11-30T23:00:00Z"), error.ResetsAt);
    }

    [Fact]
    public async Task Losing_redis_refunds_nothing_and_several_processes_never_use_more_than_there_is()
    {
        await using var redisServer = await RedisServer.StartAsync(Stop);
        JournalInMemory journal = new();
        var account = $"test-{Guid.NewGuid():N}";
        var server = new Counting();
        var clients = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => ClientUnderTest.StartAsync(redisServer, options =>
        {
            Describe(options, new QuotaOptions { Permits = 50, Period = QuotaKind.Month });
            options.Account = account;
            options.Lease = LedgerAccount.MinLease;
        }, server.AnswerAsync, journal)));
        var refused = 0;
        for (var round = 0; round < 2; round++)
        {
            await Task.WhenAll(clients.SelectMany(client => Enumerable.Range(0, 20).Select(async _ =>
            {
                try
                {
                    using var response = await client.GetAsync(cancellationToken: Stop);
                }
                catch (QuotaExhaustedException)
                {
                    Interlocked.Increment(ref refused);
                }
            }))).Within();
            await clients[0].Redis.Server().FlushAllDatabasesAsync();
        }

        Assert.Equal((50, 70), (server.Sent, refused));
        foreach (var client in clients)
            await client.DisposeAsync();
    }

    [Fact]
    public async Task A_request_that_was_not_sent_costs_nothing()
    {
        var isDown = true;
        var server = new Counting();
        await using var client = await ClientUnderTest.StartAsync(redis.Server, options => Describe(options, new QuotaOptions { Permits = 1 }), (request, cancellation) =>
            isDown ? throw new HttpRequestException(HttpRequestError.ConnectionError) : server.AnswerAsync(request, cancellation));
        for (var attempt = 0; attempt < 3; attempt++)
            await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(cancellationToken: Stop).Within());
        isDown = false;
        await SendAsync(client, 1);
        await Assert.ThrowsAsync<QuotaExhaustedException>(() => client.GetAsync(cancellationToken: Stop).Within());
    }

    [Fact]
    public async Task A_reset_that_is_near_is_waited_for_where_that_is_wanted()
    {
        FakeTimeProvider time = new(Time("2026-11-21T23:59:00Z"));
        await using var client = await ClientUnderTest.StartAsync(redis.Server, options =>
        {
            Describe(options, new QuotaOptions { Permits = 1 });
            options.QuotaWait = TimeSpan.FromMinutes(1);
        }, new Counting().AnswerAsync, time: time);
        await SendAsync(client, 1);
        var charges = client.Journal.Calls;
        var waiting = client.GetAsync(tag: "tag", cancellationToken: Stop);
        await Deadline.UntilAsync(() => Task.FromResult(client.Journal.Calls > charges), "the charge to this day", cancellationToken: Stop);
        await Deadline.UntilAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(5));
                return Task.FromResult(waiting.IsCompleted);
            },
            "the reset", cancellationToken: Stop);
        using var response = await waiting;
        Assert.Equal(WaitCause.Quota, Assert.Single(client.Observer.Waits, wait => wait.Cause != WaitCause.Store).Cause);
    }

    [Fact]
    public async Task While_the_journal_is_away_nothing_is_sent()
    {
        var server = new Counting();
        await using var client = await StartAsync(server, null, null, new QuotaOptions { Permits = 1 });
        client.Journal.IsBroken = true;
        var waiting = client.GetAsync(cancellationToken: Stop);
        await Deadline.UntilAsync(() => Task.FromResult(client.Journal.Calls > 2), "attempts", cancellationToken: Stop);
        Assert.Equal((0, false), (server.Sent, waiting.IsCompleted));
        client.Journal.IsBroken = false;
        using var response = await waiting.Within();
    }

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private static async Task SendAsync(ClientUnderTest client, int requests)
    {
        for (var request = 0; request < requests; request++)
        {
            using var response = await client.GetAsync(cancellationToken: Stop).Within();
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    private static void Describe(RateLimitedClientOptions options, params QuotaOptions[] quotas)
    {
        options.Limits.Add(new WindowOptions { Permits = 1000, Window = TimeSpan.FromMilliseconds(1) });
        foreach (var quota in quotas)
            options.Quotas.Add(quota);
    }

    private Task<ClientUnderTest> StartAsync(Counting server, TimeProvider? time = null, JournalInMemory? journal = null, params QuotaOptions[] quotas) =>
        ClientUnderTest.StartAsync(redis.Server, options => Describe(options, quotas), server.AnswerAsync, journal, time);

    private sealed class Counting
    {
        private int sent;

        public int Sent => sent;

        public Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref sent);
            return Task.FromResult(new HttpResponseMessage());
        }
    }
}
