using Sluice.RateLimiting;

namespace Sluice.Gateway.Traffic;

/// <summary>What became of a request to a limited route.</summary>
internal enum Outcome
{
    Allowed,
    Blocked,

    /// <summary>It passed: the policy that would have blocked it is in the shadow.</summary>
    Shadow,

    /// <summary>It passed while Redis was away.</summary>
    FailedOpen,

    /// <summary>It did not, since Redis was away.</summary>
    FailedClosed,
}

internal static class Outcomes
{
    private static readonly string[] names = ["allowed", "blocked", "shadow", "failed-open", "failed-closed"];

    /// <summary>As tables name them, by number.</summary>
    public static IReadOnlyList<string> Names => names;

    public static int NumberOf(string name) => Array.IndexOf(names, name);

    public static Outcome Of(in RateLimitDecision decision) => decision switch
    {
        { IsStoreUnavailable: true } => decision.IsGranted || decision.Policy.IsShadow ? Outcome.FailedOpen : Outcome.FailedClosed,
        { IsGranted: true } => Outcome.Allowed,
        _ => decision.Policy.IsShadow ? Outcome.Shadow : Outcome.Blocked,
    };
}
