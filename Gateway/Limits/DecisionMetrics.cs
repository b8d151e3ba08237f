using System.Diagnostics.Metrics;
using Sluice.RateLimiting;

namespace Sluice.Gateway.Limits;

/// <summary>What became of limited requests. Tags have an end: routes and policies are those of the settings, results those named here.</summary>
internal sealed class DecisionMetrics(IMeterFactory meters)
{
    public const string Meter = "Sluice.Gateway";
    public const string Decisions = "sluice.gateway.decisions";
    public const string PolicyTag = "policy";
    public const string ResultTag = "result";
    public const string RouteTag = "route";
    public const string AnswerDuration = "sluice.gateway.answer.duration";

    public const string Allowed = "allowed";
    public const string Blocked = "blocked";
    public const string ShadowBlocked = "shadow_blocked";
    public const string StoreAwayAllowed = "store_away_allowed";
    public const string StoreAwayBlocked = "store_away_blocked";

    private readonly Counter<long> decisions = meters.Create(Meter)
        .CreateCounter<long>(Decisions, "{request}", "Requests to limited routes, by route, policy and what became of them");

    private readonly Histogram<double> answers = meters.Create(Meter)
        .CreateHistogram<double>(AnswerDuration, "s", "From the arrival of a request that passed to the beginning of its answer, by route");

    public void Count(string route, in RateLimitDecision decision)
    {
        if (decisions.Enabled)
            decisions.Add(1, new(RouteTag, route), new(PolicyTag, decision.Policy.Name), new(ResultTag, ResultOf(decision)));
    }

    public void Answered(string route, TimeSpan latency)
    {
        if (answers.Enabled)
            answers.Record(latency.TotalSeconds, new KeyValuePair<string, object?>(RouteTag, route));
    }

    private static string ResultOf(in RateLimitDecision decision) => decision switch
    {
        { IsStoreUnavailable: true } => decision.IsGranted || decision.Policy.IsShadow ? StoreAwayAllowed : StoreAwayBlocked,
        { IsGranted: true } => Allowed,
        _ => decision.Policy.IsShadow ? ShadowBlocked : Blocked,
    };
}
