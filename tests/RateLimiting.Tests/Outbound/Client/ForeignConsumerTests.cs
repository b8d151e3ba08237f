using Microsoft.AspNetCore.Http;
using Sluice.Testing;

namespace Sluice.RateLimiting.Tests.Outbound.Client;

/// <summary>Somebody else burns half of the account's budget for a while, in real time.</summary>
public sealed class ForeignConsumerTests(RedisFixture redis)
{
    private const int Callers = 8;
    private const int Own = 200;

    private static readonly LedgerTier Tier = new(40, TimeSpan.FromMilliseconds(400));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_client_slows_down_is_refused_no_more_once_it_knows_of_a_pause_and_recovers(bool tells)
    {
        await using var server = await ServerUnderLimits.StartAsync([new SlidingLog(Tier)], tells);
        await using var client = await ClientUnderTest.StartAsync(redis.Server, options =>
        {
            options.Retry.Attempts = 20;
            options.Limits.Add(new WindowOptions { Permits = Tier.Permits, Window = Tier.Window });
        });

        using var foreign = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var others = BurnAsync(server, foreign.Token);
        await SendAsync(client, server, Own);
        await foreign.CancelAsync();
        var foreignUses = await others.Within();
        Assert.True(foreignUses > Own / 4, $"{foreignUses} requests of others: they had no part in it.");

        var pauses = client.Observer.Refusals.Count;
        // A pause is one for all callers; none but those that were on their way when it began can be refused in it.
        Assert.InRange(server.Refusals, pauses, pauses * Callers);

        // Alone again, when what the others sent has left the window too, it gets the whole budget back, and is not refused any more.
        await Deadline.UntilAsync(
            async () =>
            {
                await SendAsync(client, server, 1);
                return server.OthersHaveLeft && await CapsAsync(client) == 0;
            },
            "the whole budget", cancellationToken: Stop);
        var refusals = server.Refusals;
        await SendAsync(client, server, 2 * Tier.Permits);
        Assert.Equal(refusals, server.Refusals);
    }

    private static async Task SendAsync(ClientUnderTest client, ServerUnderLimits server, int requests)
    {
        var left = requests;
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(async _ =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
                Assert.Equal(StatusCodes.Status200OK, await ServerKindsTests.StatusAsync(client, server));
        })).Within();
    }

    /// <summary>Half of the budget, evenly.</summary>
    private static async Task<int> BurnAsync(ServerUnderLimits server, CancellationToken cancellationToken)
    {
        var used = 0;
        using var timer = new PeriodicTimer(Tier.Window / (Tier.Permits / 2.0));
        try
        {
            for (; await timer.WaitForNextTickAsync(cancellationToken); used++)
                server.UseByOthers();
        }
        catch (OperationCanceledException)
        {
            // The test has seen enough.
        }

        return used;
    }

    private static async Task<int> CapsAsync(ClientUnderTest client) =>
        ((string?)await client.Redis.GetDatabase().HashGetAsync($"pl:{{{client.AccountName}}}:state", "caps") ?? "").Length;
}
