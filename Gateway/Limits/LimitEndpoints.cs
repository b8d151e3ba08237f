using Microsoft.AspNetCore.Http.HttpResults;
using Sluice.Contracts.Limits;
using Sluice.Gateway.Clients;
using Sluice.RateLimiting;

namespace Sluice.Gateway.Limits;

/// <summary>The policies in force, where a client stands in one of them, and a fresh start for it.</summary>
internal static class LimitEndpoints
{
    public const string Path = "/limits";

    /// <summary>The policy that these endpoints are charged to.</summary>
    public const string Policy = "control";

    private static readonly TimeSpan retryAfterOutage = TimeSpan.FromSeconds(1);

    public static void MapLimits(this IEndpointRouteBuilder routes)
    {
        var limits = routes.MapGroup(Path).WithMetadata(new RateLimitedBy(Policy, "limits"));
        limits.MapGet("/", List);
        limits.MapGet("/{policy}/{**client}", StatusAsync);
        limits.MapDelete("/{policy}/{**client}", ResetAsync).RequireAuthorization(Roles.Operator);
    }

    private static JsonHttpResult<PolicyList> List(HttpContext context, LimitedPolicies policies, RedisRateLimiter limiter)
    {
        var circuit = limiter.StoreCircuit;
        var isFailing = circuit.State != StoreCircuitState.Closed;
        var isOperator = context.User.IsInRole(Roles.Operator);
        return TypedResults.Json(
            new PolicyList(LimitShapes.Of(circuit), [.. policies.InForce.Select(policy => LimitShapes.Of(policy.Policy, isFailing, isOperator))]),
            LimitsJson.Default.PolicyList);
    }

    private static async Task<Results<JsonHttpResult<ClientStatus>, ProblemHttpResult>> StatusAsync(
        string policy, string? client, HttpContext context, LimitedPolicies policies, ClientRegistry clients, RedisRateLimiter limiter,
        CancellationToken cancellationToken)
    {
        if (policies.Find(policy) is not { } found)
            return NoPolicy(policy, policies);
        var who = LimitedClient.Find(found, client, clients);
        if (!context.User.IsInRole(Roles.Operator) && who?.Is(context) != true)
            return RoleAnswers.Refusal(context, Roles.Operator);
        if (who is null)
            return NoClient(found, client);

        var status = await limiter.PeekAsync(who.Terms.Policy, who.Key, 1, cancellationToken);
        return status.IsStoreUnavailable
            ? Refusal.Unavailable(context, retryAfterOutage)
            : TypedResults.Json(who.StatusOf(client!, status), LimitsJson.Default.ClientStatus);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> ResetAsync(
        string policy, string? client, HttpContext context, LimitedPolicies policies, ClientRegistry clients, RedisRateLimiter limiter,
        CancellationToken cancellationToken)
    {
        if (policies.Find(policy) is not { } found)
            return NoPolicy(policy, policies);
        if (LimitedClient.Find(found, client, clients) is not { } who)
            return NoClient(found, client);

        try
        {
            await limiter.ResetAsync(who.Terms.Policy, who.Key, cancellationToken);
            return TypedResults.NoContent();
        }
        catch (RateLimitStoreException)
        {
            return Refusal.Unavailable(context, retryAfterOutage);
        }
    }

    private static ProblemHttpResult NoPolicy(string name, LimitedPolicies policies) => TypedResults.Problem(
        $"There is no policy '{name}'. There are: {string.Join(", ", policies.InForce.Select(policy => policy.Policy.Name))}.",
        statusCode: StatusCodes.Status404NotFound);

    private static ProblemHttpResult NoClient(LimitedPolicy policy, string? client) => TypedResults.Problem(
        $"There is no client '{client}' in the policy '{policy.Policy.Name}', which counts by {policy.Policy.Partition}.",
        statusCode: StatusCodes.Status404NotFound);
}
