using Sluice.RateLimiting.Tests.Support;
using Sluice.Testing;
using StackExchange.Redis;

namespace Sluice.RateLimiting.Tests.Limiter.Models;

public class RedisModelTests(RedisFixture redis) : ModelProperties, IAsyncLifetime
{
    private ConnectionMultiplexer connection = null!;
    private RedisClock clock = null!;

    // Long windows for the keys' real expiry, which the scripts' clock knows nothing of.
    private protected override EngineTraits Traits { get; } =
        new([(30_000_000, 90_000_000)], LeasesEnd: true, DecidesTogether: true);

    private protected override int Tests => 60;

    public async ValueTask InitializeAsync()
    {
        connection = await RedisConnection.ConnectAsync(redis.Server);
        clock = new RedisClock(connection);
    }

    public async ValueTask DisposeAsync()
    {
        await connection.CloseAsync();
        connection.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected override IKeyUnderTest Open(RateLimitPolicy policy) => new RedisKeyUnderTest(connection, clock, policy);
}
