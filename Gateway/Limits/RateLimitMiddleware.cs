using System.Runtime.CompilerServices;
using Sluice.Gateway.Clients;
using Sluice.RateLimiting;

namespace Sluice.Gateway.Limits;

/// <summary>Asks the limiter once per request to a limited endpoint, before anything is forwarded.</summary>
internal sealed class RateLimitMiddleware(
    RequestDelegate next, RedisRateLimiter limiter, LimitedPolicies policies, DecisionMetrics metrics, TimeProvider time)
{
    private readonly ConditionalWeakTable<RateLimitPolicy, PolicyHeaders> shares = [];

    public Task InvokeAsync(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<RateLimitedBy>() is { } limited ? DecideAsync(context, limited) : next(context);

    private async Task DecideAsync(HttpContext context, RateLimitedBy limited)
    {
        var caller = Caller.Of(context);
        var policy = policies[limited.Policy];
        var terms = policy.For(caller.Name);
        var decision = await limiter.AcquireAsync(terms.Policy, policy.KeyOf(context, caller, limited.Route), 1, context.RequestAborted);
        metrics.Count(decision);
        if (terms.Policy.HasLeases && decision.IsGranted)
            context.Response.RegisterForDisposeAsync(decision);

        // Headers of a limit that nobody is held to would only mislead.
        if (terms.Policy.IsShadow || (decision.IsGranted && decision.Tiers.Count == 0))
        {
            await next(context);
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
        var answer = new LimitedAnswer(context.Response, headers, decision, time.GetUtcNow());
        if (decision.IsGranted)
        {
            // At the last moment: an upstream's own headers of these names are replaced, and an error page cannot lose ours.
            context.Response.OnStarting(static answer => ((LimitedAnswer)answer).WriteHeaders(), answer);
            await next(context);
            return;
        }

        await answer.WriteHeaders();
        await Refusal.TooManyRequestsAsync(context, decision);
    }

    private sealed class LimitedAnswer(HttpResponse response, PolicyHeaders headers, RateLimitDecision decision, DateTimeOffset decidedAt)
    {
        public Task WriteHeaders()
        {
            headers.Write(response.Headers, decision, decidedAt);
            return Task.CompletedTask;
        }
    }
}
