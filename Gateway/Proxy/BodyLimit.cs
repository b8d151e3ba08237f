using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Sluice.Gateway.Proxy;

/// <summary>
/// Refuses bodies that are too large: one that says so itself before any of it is read and before the service hears of it, another where
/// it gets too large. The server would do so too, but cuts the connection: who first sends all and then reads would never see the answer. What is
/// left of a refused body is thus read for a few seconds and thrown away.
/// </summary>
internal sealed class BodyLimit(RequestDelegate next)
{
    private const string Extension = "maxBytes";

    public Task InvokeAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != true
            || context.Features.Get<IHttpMaxRequestBodySizeFeature>() is not { IsReadOnly: false } server)
            return next(context);

        // A route's negative one is none.
        var limit = context.GetReverseProxyFeature().Route.Config.MaxRequestBodySize ?? server.MaxRequestBodySize ?? -1;
        server.MaxRequestBodySize = null;
        context.Features.Set<IHttpMaxRequestBodySizeFeature>(new Counted(limit < 0 ? null : limit));
        if (limit < 0)
            return next(context);
        if (context.Request.ContentLength > limit)
            return TooLarge(limit).ExecuteAsync(context);
        if (context.Request.ContentLength is null)
            context.Request.Body = new CountedBody(context.Request.Body, limit, () => new BadHttpRequestException(DetailOf(limit), StatusCodes.Status413PayloadTooLarge));
        return next(context);
    }

    /// <summary>Names the limit where a body has got too large.</summary>
    public static void Describe(ProblemDetailsContext context)
    {
        if (context.ProblemDetails.Status != StatusCodes.Status413PayloadTooLarge || context.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is not Counted { MaxRequestBodySize: { } limit })
            return;
        context.ProblemDetails.Detail ??= DetailOf(limit);
        context.ProblemDetails.Extensions.TryAdd(Extension, limit);
    }

    private static ProblemHttpResult TooLarge(long limit) => TypedResults.Problem(
        DetailOf(limit), statusCode: StatusCodes.Status413PayloadTooLarge, extensions: new Dictionary<string, object?> { [Extension] = limit });

    private static string DetailOf(long limit) => string.Create(CultureInfo.InvariantCulture, $"The body is larger than the {limit} bytes that are accepted.");

    /// <summary>In the server's place, so that nobody sets its limit anew.</summary>
    private sealed class Counted(long? limit) : IHttpMaxRequestBodySizeFeature
    {
        public bool IsReadOnly => true;

        public long? MaxRequestBodySize
        {
            get => limit;
            set => throw new InvalidOperationException("The body's size is counted already.");
        }
    }
}
