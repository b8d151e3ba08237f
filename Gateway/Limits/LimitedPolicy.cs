using System.Collections.Frozen;
using Sluice.Gateway.Clients;
using Sluice.RateLimiting;

namespace Sluice.Gateway.Limits;

/// <summary>A policy with what its requests need of it over and over: made once. Immutable, thread-safe.</summary>
internal sealed class LimitedPolicy
{
    private readonly Terms common;
    private readonly FrozenDictionary<string, Terms> overrides;

    /// <exception cref="ArgumentException">The policy's partition is faulty.</exception>
    public LimitedPolicy(RateLimitPolicy policy)
    {
        Policy = policy;
        Partition = Partition.Parse(policy.Partition);
        common = new(policy, new PolicyHeaders(policy));
        overrides = policy.Overrides.ToFrozenDictionary(
            name => name, name => new Terms(policy.For(name), new PolicyHeaders(policy.For(name))), StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The policy, or an override of it, and its headers.</summary>
    internal sealed record Terms(RateLimitPolicy Policy, PolicyHeaders Headers)
    {
        private const string NoLimits = "Unlimited";

        /// <summary>The algorithms of its tiers in a word.</summary>
        public string Strategy { get; } = Policy.IsUnlimited
            ? NoLimits
            : string.Join('+', Policy.Tiers.Select(tier => tier.Algorithm.ToString()).Distinct());
    }

    public RateLimitPolicy Policy { get; }

    public Partition Partition { get; }

    /// <summary>What holds for a client.</summary>
    /// <param name="client">A registered client's name, or null.</param>
    public Terms For(string? client) => client is not null && overrides.Count > 0 && overrides.TryGetValue(client, out var own) ? own : common;

    /// <summary>
    /// Whether a client has a key of its own though the policy's partition does not ask who it is: with limits of its own it must neither use up what
    /// the others share nor suffer from them.
    /// </summary>
    public bool CountsApart(string? client) => !Partition.CountsClients && !ReferenceEquals(For(client), common);

    /// <summary>The key that a request is counted under.</summary>
    public string KeyOf(HttpContext context, Caller caller, string route)
    {
        var key = Partition.KeyOf(context, caller, route);
        return CountsApart(caller.Name) ? $"{caller.Partition}{Partition.Separator}{key}" : key;
    }
}
