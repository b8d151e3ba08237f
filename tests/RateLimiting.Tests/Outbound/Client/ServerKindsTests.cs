using Microsoft.AspNetCore.Http;
using Sluice.RateLimiting.Tests.Outbound.Ledger;
using Sluice.Testing;

namespace Sluice.RateLimiting.Tests.Outbound.Client;

/// <summary>In real time, against real servers of every kind: clients of several processes that send as fast as they are let.</summary>
public sealed class ServerKindsTests(RedisFixture redis)
{
    private const int Requests = 160;

    private static readonly LedgerTier[] Tiers = [new(25, TimeSpan.FromMilliseconds(200)), new(80, TimeSpan.FromMilliseconds(800))];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Kinds => ["sliding log", "fixed window anchored at the first hit", "fixed window aligned to the clock", "token bucket"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task No_request_is_refused_whichever_way_the_server_counts_and_whether_it_says_so(string kind)
    {
        foreach (var tells in new[] { false, true })
        {
            await using var server = await ServerUnderLimits.StartAsync([.. Tiers.Select(tier => CounterOf(kind, tier))], tells);
            JournalInMemory journal = new();
            var account = $"test-{Guid.NewGuid():N}";
            var clients = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => ClientUnderTest.StartAsync(redis.Server, options => Describe(options, account), (HttpMessageHandler?)null, journal)));
            var statuses = await Task.WhenAll(clients.SelectMany(client => Enumerable.Range(0, Requests / 2).Select(_ => StatusAsync(client, server)))).Within();
            foreach (var client in clients)
                await client.DisposeAsync();

            Assert.All(statuses, status => Assert.Equal(StatusCodes.Status200OK, status));
            Assert.Equal((Requests, 0), (server.Requests, server.Refusals));
        }
    }

    [Fact]
    public async Task A_server_with_a_leaky_bucket_refuses_nothing_either()
    {
        // It holds 3 and leaks one every 10 ms.
        await using var server = await ServerUnderLimits.StartAsync([new TokenBucket(new LedgerTier(3, TimeSpan.FromMilliseconds(30)))]);
        await using var client = await ClientUnderTest.StartAsync(redis.Server, options =>
        {
            options.Pacing = ClientPacing.LeakyBucket;
            options.Burst = 3;
            options.Limits.Add(new WindowOptions { Permits = 100, Window = TimeSpan.FromSeconds(1) });
        });
        var statuses = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => StatusAsync(client, server))).Within();
        Assert.All(statuses, status => Assert.Equal(StatusCodes.Status200OK, status));
    }

    internal static async Task<int> StatusAsync(ClientUnderTest client, ServerUnderLimits server)
    {
        using var response = await client.GetAsync(server.Address, cancellationToken: Stop);
        return (int)response.StatusCode;
    }

    private static void Describe(RateLimitedClientOptions options, string account)
    {
        options.Account = account;
        foreach (var tier in Tiers)
            options.Limits.Add(new WindowOptions { Permits = tier.Permits, Window = tier.Window });
    }

    private static Counter CounterOf(string kind, LedgerTier tier) => kind switch
    {
        "sliding log" => new SlidingLog(tier),
        "fixed window anchored at the first hit" => new FixedWindow(tier, isAligned: false),
        "fixed window aligned to the clock" => new FixedWindow(tier, isAligned: true),
        _ => new TokenBucket(tier),
    };
}
