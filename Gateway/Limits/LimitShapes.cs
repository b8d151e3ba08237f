using Sluice.Contracts.Limits;
using Sluice.RateLimiting;

namespace Sluice.Gateway.Limits;

/// <summary>The limiter's policies, tiers and states as they are shown.</summary>
internal static class LimitShapes
{
    /// <param name="circuit">How the limiter stands to Redis.</param>
    public static BreakerShape Of(StoreCircuit circuit) => new(
        circuit.State switch
        {
            StoreCircuitState.Closed => BreakerState.Closed,
            StoreCircuitState.HalfOpen => BreakerState.HalfOpen,
            _ => BreakerState.Open,
        },
        circuit.Since);

    /// <param name="policy">As it is in force.</param>
    /// <param name="isFailing">Whether Redis is away.</param>
    /// <param name="withClients">Whether who asks may know who has limits of its own.</param>
    public static PolicyShape Of(RateLimitPolicy policy, bool isFailing, bool withClients) => new(
        policy.Name, policy.Partition, policy.Cost, policy.OnStoreFailure.ToString(), isFailing ? policy.OnStoreFailure.ToString() : null,
        policy.IsShadow, TiersOf(policy),
        withClients ? [.. policy.Overrides.Order(StringComparer.OrdinalIgnoreCase).Select(client => Override(client, policy.For(client)))] : null);

    public static TierState Of(TierStatus status) => new(
        status.Tier.Name, status.Tier.Algorithm.ToString(), status.Limit, status.Used, status.Remaining, status.ResetAfter.TotalSeconds);

    private static OverrideShape Override(string client, RateLimitPolicy policy) => new(client, policy.IsUnlimited, TiersOf(policy));

    private static IReadOnlyList<TierShape> TiersOf(RateLimitPolicy policy) => [.. policy.Tiers.Select(tier => new TierShape(
        tier.Name, tier.Algorithm.ToString(), tier.Permits, tier.Window.TotalSeconds, tier.Capacity))];
}
