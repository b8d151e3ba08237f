using Microsoft.AspNetCore.Authorization;

namespace Sluice.Gateway.Clients;

/// <summary>
/// Serves what asks for no role right here: the framework's authorization, which comes next, takes its time with each request, also where nothing is to
/// be authorized.
/// </summary>
internal sealed class OpenEndpoints(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context) =>
        context.GetEndpoint() is { RequestDelegate: { } serve } endpoint && endpoint.Metadata.GetMetadata<IAuthorizeData>() is null
            ? serve(context)
            : next(context);
}
