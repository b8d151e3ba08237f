using Sluice.RateLimiting.Tests.Limiter.Models;

namespace Sluice.RateLimiting.Tests.Limiter.Local;

public sealed class LocalModelTests : ModelProperties
{
    private protected override EngineTraits Traits { get; } =
        new([(1_000, 1_100), (30_000_000, 90_000_000)], LeasesEnd: false, DecidesTogether: false);

    private protected override int Tests => 150;

    private protected override IKeyUnderTest Open(RateLimitPolicy policy) => new LocalKeyUnderTest(policy);
}
