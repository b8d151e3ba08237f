using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Contracts.Limits;

/// <summary>What GET /limits answers: the policies in force, and whether Redis answers the limiter.</summary>
public sealed record PolicyList(BreakerShape Breaker, IReadOnlyList<PolicyShape> Policies);

/// <summary>The circuit breaker between the answering gateway and Redis.</summary>
/// <param name="State">One of <see cref="BreakerState"/>.</param>
/// <param name="Since">When it closed; while it is not closed, when the outage began.</param>
public sealed record BreakerShape(string State, DateTimeOffset Since);

/// <summary>The states of a breaker.</summary>
public static class BreakerState
{
    /// <summary>Redis answers.</summary>
    public const string Closed = "closed";

    /// <summary>It doesn't: policies do as their failure mode says.</summary>
    public const string Open = "open";

    /// <summary>It is being asked whether it does again.</summary>
    public const string HalfOpen = "half-open";
}

/// <param name="OnStoreFailure">What the policy does while Redis is away: Allow, Deny or Local.</param>
/// <param name="FailureMode">The same, while it is so; null while Redis answers.</param>
/// <param name="Overrides">Who has limits of its own: for operators, null for others.</param>
public sealed record PolicyShape(
    string Name, string Partition, int Cost, string OnStoreFailure, string? FailureMode, bool Shadow, IReadOnlyList<TierShape> Tiers,
    IReadOnlyList<OverrideShape>? Overrides);

/// <param name="Burst">The most units that the tier ever has.</param>
public sealed record TierShape(string Name, string Algorithm, int Permits, double WindowSeconds, int Burst);

/// <param name="Tiers">None where the client is unlimited.</param>
public sealed record OverrideShape(string Client, bool Unlimited, IReadOnlyList<TierShape> Tiers);

/// <summary>Where a client stands in a policy.</summary>
/// <param name="Policy">The policy's name.</param>
/// <param name="Client">As it was asked for.</param>
/// <param name="Partition">The key that the client is counted under.</param>
/// <param name="Overridden">Whether the client has limits of its own.</param>
/// <param name="Unlimited">Whether it has none.</param>
/// <param name="RetryAfterSeconds">How long until one more request would pass; 0 if it would now.</param>
/// <param name="Tiers">None where the client is unlimited.</param>
public sealed record ClientStatus(
    string Policy, string Client, string Partition, bool Overridden, bool Unlimited, bool Shadow, double RetryAfterSeconds, IReadOnlyList<TierState> Tiers);

/// <param name="ResetAfterSeconds">How long until more units are there if nobody takes any; 0 where none is used.</param>
public sealed record TierState(string Name, string Algorithm, int Limit, long Used, long Remaining, double ResetAfterSeconds);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(PolicyList))]
[JsonSerializable(typeof(ClientStatus))]
public sealed partial class LimitsJson : JsonSerializerContext;
