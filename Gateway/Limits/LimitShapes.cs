using System.Text.Json.Serialization;
using Sluice.RateLimiting;

namespace Sluice.Gateway.Limits;

/// <summary>What GET /limits answers: the policies in force.</summary>
internal sealed record PolicyList(IReadOnlyList<PolicyShape> Policies);

internal sealed record PolicyShape(
    string Name, string Partition, int Cost, string OnStoreFailure, bool Shadow, IReadOnlyList<TierShape> Tiers, IReadOnlyList<OverrideShape> Overrides)
{
    public static PolicyShape Of(RateLimitPolicy policy) => new(
        policy.Name, policy.Partition, policy.Cost, policy.OnStoreFailure.ToString(), policy.IsShadow,
        TierShape.AllOf(policy),
        [.. policy.Overrides.Order(StringComparer.OrdinalIgnoreCase).Select(client => OverrideShape.Of(client, policy.For(client)))]);
}

/// <param name="Burst">The most units that the tier ever has.</param>
internal sealed record TierShape(string Name, string Algorithm, int Permits, double WindowSeconds, int Burst)
{
    public static IReadOnlyList<TierShape> AllOf(RateLimitPolicy policy) => [.. policy.Tiers.Select(tier => new TierShape(
        tier.Name, tier.Algorithm.ToString(), tier.Permits, tier.Window.TotalSeconds, tier.Capacity))];
}

internal sealed record OverrideShape(string Client, bool Unlimited, IReadOnlyList<TierShape> Tiers)
{
    public static OverrideShape Of(string client, RateLimitPolicy policy) => new(client, policy.IsUnlimited, TierShape.AllOf(policy));
}

/// <summary>Where a client stands in a policy.</summary>
/// <param name="Policy">The policy's name.</param>
/// <param name="Client">As it was asked for.</param>
/// <param name="Partition">The key that the client is counted under.</param>
/// <param name="Overridden">Whether the client has limits of its own.</param>
/// <param name="Unlimited">Whether it has none.</param>
/// <param name="RetryAfterSeconds">How long until one more request would pass; 0 if it would now.</param>
/// <param name="Tiers">None where the client is unlimited.</param>
internal sealed record ClientStatus(
    string Policy, string Client, string Partition, bool Overridden, bool Unlimited, bool Shadow, double RetryAfterSeconds, IReadOnlyList<TierState> Tiers);

/// <param name="ResetAfterSeconds">How long until more units are there if nobody takes any; 0 where none is used.</param>
internal sealed record TierState(string Name, string Algorithm, int Limit, long Used, long Remaining, double ResetAfterSeconds)
{
    public static TierState Of(TierStatus status) => new(
        status.Tier.Name, status.Tier.Algorithm.ToString(), status.Limit, status.Used, status.Remaining, status.ResetAfter.TotalSeconds);
}

[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(PolicyList))]
[JsonSerializable(typeof(ClientStatus))]
internal sealed partial class LimitsJson : JsonSerializerContext;
