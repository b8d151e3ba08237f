using Sluice.Testing;

namespace Sluice.RateLimiting.Tests.Limiter.Models;

/// <summary>The same with so many charges in a window that a log is several chunks long.</summary>
public sealed class RedisLongLogTests(RedisFixture redis) : RedisModelTests(redis)
{
    private protected override EngineTraits Traits { get; } =
        new([(30_000_000, 90_000_000)], LeasesEnd: true, DecidesTogether: true, MostPermits: 80, MostSteps: 120);

    private protected override int Tests => 15;
}
