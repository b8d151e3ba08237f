using Microsoft.AspNetCore.Http.HttpResults;

namespace Sluice.Dashboard.Security;

/// <summary>
/// Refuses what a page of another origin sends: everything that changes something, and the hub, whose WebSocket no browser asks the server about
/// beforehand. A page on another port of the same host is another origin, though its requests carry the cookie.
/// </summary>
internal static class OwnOrigin
{
    private static readonly PathString hub = "/_blazor";

    public static void UseOwnOrigin(this WebApplication app) => app.Use(static (context, next) =>
        IsGuarded(context.Request) && !IsOwn(context.Request) ? Refusal().ExecuteAsync(context) : next(context));

    private static bool IsGuarded(HttpRequest request) =>
        !(HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) || request.Path.StartsWithSegments(hub);

    private static bool IsOwn(HttpRequest request)
    {
        // Programs that are no browsers send neither.
        if (request.Headers.Origin.ToString() is { Length: > 0 } origin)
            return string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase);
        return request.Headers["Sec-Fetch-Site"].ToString() is "" or "same-origin" or "none";
    }

    private static ProblemHttpResult Refusal() =>
        TypedResults.Problem("A page of another site sent this.", statusCode: StatusCodes.Status403Forbidden);
}
