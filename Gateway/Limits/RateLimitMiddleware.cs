using System.Runtime.CompilerServices;
using Sluice.Gateway.Clients;
using Sluice.Gateway.Traffic;
using Sluice.RateLimiting;

namespace Sluice.Gateway.Limits;

/// <summary>Asks the limiter once per request to a limited endpoint, before anything is forwarded.</summary>
internal sealed class RateLimitMiddleware(
    RequestDelegate next, RedisRateLimiter limiter, LimitedPolicies policies, DecisionMetrics metrics, TrafficRecorder traffic, TimeProvider time)
{
    private readonly ConditionalWeakTable<RateLimitPolicy, PolicyHeaders> shares = [];
    private readonly AnswerTimes times = new(metrics, traffic, time);

    public Task InvokeAsync(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<RateLimitedBy>() is { } limited ? DecideAsync(context, limited) : next(context);

    private async Task DecideAsync(HttpContext context, RateLimitedBy limited)
    {
        var arrived = time.GetTimestamp();
        var caller = Caller.Of(context);
        var policy = policies[limited.Policy];
        var terms = policy.For(caller.Name);
        var decision = await limiter.AcquireAsync(terms.Policy, policy.KeyOf(context, caller, limited.Route), 1, context.RequestAborted);
        metrics.Count(limited.Route, decision);
        traffic.Record(limited.Route, terms, caller.Name ?? caller.Partition, decision);
        if (terms.Policy.HasLeases && decision.IsGranted)
            context.Response.RegisterForDisposeAsync(decision);

        // Headers of a limit that nobody is held to would only mislead.
        if (terms.Policy.IsShadow || (decision.IsGranted && decision.Tiers.Count == 0))
        {
            await PassAsync(context, new(context.Response, times, limited.Route, arrived, headers: null, decision, default));
            return;
        }

        if (decision.Tiers.Count == 0)
        {
            await Refusal.UnavailableAsync(context, decision.RetryAfter);
            return;
        }

        // Without Redis a policy may grant each process its share, which is a policy of its own.
        var headers = ReferenceEquals(decision.Policy, terms.Policy)
            ? terms.Headers
            : shares.GetValue(decision.Policy, static policy => new PolicyHeaders(policy));
        if (decision.IsGranted)
        {
            await PassAsync(context, new(context.Response, times, limited.Route, arrived, headers, decision, time.GetUtcNow()));
            return;
        }

        headers.Write(context.Response.Headers, decision, time.GetUtcNow());
        await Refusal.TooManyRequestsAsync(context, decision);
    }

    private Task PassAsync(HttpContext context, PassedAnswer answer)
    {
        // At the last moment: an upstream's own headers of these names are replaced, and an error page cannot lose ours.
        context.Response.OnStarting(static answer => ((PassedAnswer)answer).Begin(), answer);
        return next(context);
    }

    /// <param name="headers">Null where the caller is told of no limit.</param>
    private sealed class PassedAnswer(
        HttpResponse response, AnswerTimes times, string route, long arrived, PolicyHeaders? headers, RateLimitDecision decision, DateTimeOffset decidedAt)
    {
        public Task Begin()
        {
            headers?.Write(response.Headers, decision, decidedAt);
            times.Began(route, arrived);
            return Task.CompletedTask;
        }
    }
}
