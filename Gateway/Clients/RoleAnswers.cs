using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Sluice.Gateway.Clients;

/// <summary>Says what is missing: a key (401), or the role that the key's owner lacks (403).</summary>
internal sealed class RoleAnswers : IAuthorizationMiddlewareResultHandler
{
    public Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult) =>
        authorizeResult.Succeeded
            ? next(context)
            : Refusal(context, context.GetEndpoint()?.Metadata.GetMetadata<IAuthorizeData>()?.Policy).ExecuteAsync(context);

    public static ProblemHttpResult Refusal(HttpContext context, string? role)
    {
        var caller = Caller.Of(context);
        if (caller.Name is not null)
            return TypedResults.Problem($"The client '{caller.Name}' lacks the role '{role}'.", statusCode: StatusCodes.Status403Forbidden);

        context.Response.Headers.WWWAuthenticate = $"ApiKey header=\"{CallerIdentity.KeyHeader}\"";
        return TypedResults.Problem(
            caller.GaveUnknownKey
                ? $"The key in the header {CallerIdentity.KeyHeader} is not registered. This takes the key of a client with the role '{role}'."
                : $"The header {CallerIdentity.KeyHeader} is missing. This takes the key of a client with the role '{role}'.",
            statusCode: StatusCodes.Status401Unauthorized);
    }
}
