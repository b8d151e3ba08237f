using System.Runtime.CompilerServices;
using Sluice.Gateway.Clients;
using Sluice.RateLimiting;

namespace Sluice.Gateway.Limits;

/// <summary>Asks the limiter once per request to a limited endpoint, before anything is forwarded.</summary>
internal sealed class RateLimitMiddleware(RequestDelegate next, RedisRateLimiter limiter, TimeProvider time)
{
    private readonly ConditionalWeakTable<RateLimitPolicy, PolicyHeaders> headers = [];

    public Task InvokeAsync(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<RateLimitedBy>() is { } limited ? DecideAsync(context, limited.Policy) : next(context);

    private async Task DecideAsync(HttpContext context, string policyName)
    {
        var caller = Caller.Of(context);
        var decision = await limiter.AcquireAsync(policyName, caller.Partition, 1, context.RequestAborted);
        if (decision.IsStoreUnavailable)
        {
            await (decision.IsGranted ? next(context) : Refusal.UnavailableAsync(context, decision.RetryAfter));
            return;
        }

        var policy = limiter.GetPolicy(policyName);
        var answer = new LimitedAnswer(context.Response, headers.GetValue(policy, static policy => new(policy)), decision, time.GetUtcNow());
        if (decision.IsGranted)
        {
            // At the last moment: an upstream's own headers of these names are replaced, and an error page cannot lose ours.
            context.Response.OnStarting(static answer => ((LimitedAnswer)answer).WriteHeaders(), answer);
            await next(context);
            return;
        }

        await answer.WriteHeaders();
        await Refusal.TooManyRequestsAsync(context, policy, decision);
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
