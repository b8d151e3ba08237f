using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Sluice.ServiceDefaults.Errors;

internal static class ErrorAnswers
{
    /// <summary>Every error leaves as problem details: what the caller did wrong in words, what broke inside as a bare 500.</summary>
    public static void AddErrorAnswers(this IServiceCollection services)
    {
        services.AddProblemDetails(problem => problem.CustomizeProblemDetails = static context =>
            context.ProblemDetails.Instance ??= context.HttpContext.Request.Path);
        services.AddExceptionHandler<UnreadableRequestAnswer>();

        // Otherwise Production answers an unreadable request with an empty 400.
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
    }
}
