using System.Collections.Frozen;
using Sluice.Gateway.Settings;
using Sluice.RateLimiting;

namespace Sluice.Gateway.Limits;

/// <summary>
/// The policies by name, ready for use. One that an edit of the settings took away stays known: requests that were matched to a route of
/// the settings before are still on their way. Thread-safe.
/// </summary>
internal sealed class LimitedPolicies : IDisposable
{
    private readonly RedisRateLimiter limiter;
    private readonly SettingsFiles settings;
    private volatile State state = new([], FrozenDictionary<string, LimitedPolicy>.Empty);

    public LimitedPolicies(RedisRateLimiter limiter, SettingsFiles settings)
    {
        (this.limiter, this.settings) = (limiter, settings);
        settings.Published += Follow;
        Follow();
    }

    private sealed record State(IReadOnlyList<LimitedPolicy> InForce, FrozenDictionary<string, LimitedPolicy> Known);

    /// <summary>Those in force, by name.</summary>
    public IReadOnlyList<LimitedPolicy> InForce => state.InForce;

    /// <exception cref="KeyNotFoundException">There is none and never was.</exception>
    public LimitedPolicy this[string name] => state.Known[name];

    /// <summary>The policy of a name, whose case doesn't matter; null where none is in force.</summary>
    public LimitedPolicy? Find(string name) =>
        state.InForce.FirstOrDefault(policy => policy.Policy.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    public void Dispose() => settings.Published -= Follow;

    private void Follow()
    {
        List<LimitedPolicy> inForce = [.. limiter.Policies.OrderBy(policy => policy.Name, StringComparer.OrdinalIgnoreCase).Select(policy => new LimitedPolicy(policy))];
        var known = new Dictionary<string, LimitedPolicy>(state.Known, StringComparer.OrdinalIgnoreCase);
        foreach (var policy in inForce)
            known[policy.Policy.Name] = policy;
        state = new(inForce, known.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase));
    }
}
