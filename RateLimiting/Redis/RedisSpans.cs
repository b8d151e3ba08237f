using System.Diagnostics;

namespace Sluice.RateLimiting.Redis;

/// <summary>
/// Spans over a caller's wait for a script call. Many callers travel in one call, which runs in nobody's context: each that is traced gets a span
/// of its own. Without a listener, or a trace to belong to, there is none and nothing is paid for it. Thread-safe.
/// </summary>
/// <remarks>Named after the semantic conventions for database clients: https://opentelemetry.io/docs/specs/semconv/database/redis</remarks>
internal static class RedisSpans
{
    private const string Operation = "EVALSHA";

    private static readonly ActivitySource Source = new("Sluice.RateLimiting");

    /// <summary>Whether somebody listens to a trace that this caller is in.</summary>
    public static bool AreWanted => Source.HasListeners() && Activity.Current is not null;

    /// <summary>A caller asks a policy's keys.</summary>
    public static async ValueTask<RateLimitDecision> TraceDecisionAsync(string policy, Func<ValueTask<RateLimitDecision>> decide)
    {
        using var span = Start(policy, "sluice.policy", policy);
        var decision = await decide().ConfigureAwait(false);
        span?.SetTag("sluice.result", decision.IsGranted ? "granted" : "refused");
        if (decision.IsStoreUnavailable)
            Fail(span, "store_away");
        return decision;
    }

    /// <summary>A caller waits for a permit of an account.</summary>
    public static async ValueTask<Permit> TracePermitAsync(string account, Func<ValueTask<Permit>> acquire)
    {
        using var span = Start($"ledger {account}", "sluice.account", account);
        try
        {
            return await acquire().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Fail(span, exception.GetType().FullName!);
            throw;
        }
    }

    private static Activity? Start(string target, string tag, string value)
    {
        var span = Source.StartActivity($"{Operation} {target}", ActivityKind.Client);
        span?.SetTag("db.system.name", "redis").SetTag("db.operation.name", Operation).SetTag(tag, value);
        return span;
    }

    private static void Fail(Activity? span, string type) => span?.SetTag("error.type", type).SetStatus(ActivityStatusCode.Error);
}
