using Sluice.RateLimiting.Tests.Support;
using Sluice.Testing;
using StackExchange.Redis;

namespace Sluice.RateLimiting.Tests.Limiter.Models;

/// <summary>The same with so many charges in a window that a log is several chunks long.</summary>
public sealed class RedisLongLogTests(RedisFixture redis) : ModelProperties, IAsyncLifetime
{
    private ConnectionMultiplexer connection = null!;
    private RedisClock clock = null!;

    private protected override EngineTraits Traits { get; } =
        new([(30_000_000, 90_000_000)], LeasesEnd: true, DecidesTogether: true, MostPermits: 80, MostSteps: 120);

    private protected override int Tests => 15;

    public async ValueTask InitializeAsync()
    {
        connection = await RedisConnection.ConnectAsync(redis.Server);
        clock = new RedisClock(connection);
    }

    public async ValueTask DisposeAsync()
    {
        await connection.CloseAsync();
        connection.Dispose();
    }

    private protected override IKeyUnderTest Open(RateLimitPolicy policy) => new RedisKeyUnderTest(connection, clock, policy);
}
