using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using OpenTelemetry;

namespace Sluice.ServiceDefaults.Telemetry;

/// <summary>Marks an endpoint that is asked all day long and tells nothing: its requests leave no spans.</summary>
internal sealed class NotTraced;

/// <summary>Gives ASP.NET Core's request activity the name and tags of the HTTP semantic conventions, which it comes without.</summary>
internal sealed class RequestSpans(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext context)
    {
        // Read before anything runs: the exception handler takes the endpoint away.
        var endpoint = context.GetEndpoint();
        var activity = context.Features.Get<IHttpActivityFeature>()?.Activity;
        if (endpoint?.Metadata.GetMetadata<NotTraced>() is not null)
        {
            activity?.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
            using (SuppressInstrumentationScope.Begin())
                await next(context);
            return;
        }

        if (activity is not { IsAllDataRequested: true })
        {
            await next(context);
            return;
        }

        var request = context.Request;
        var route = (endpoint as RouteEndpoint)?.RoutePattern.RawText;
        var path = request.Path.Value;
        activity.DisplayName = route is null ? request.Method : $"{request.Method} {Rooted(route)}";
        activity.SetTag("http.request.method", request.Method);
        activity.SetTag("url.scheme", request.Scheme);
        activity.SetTag("url.path", path);
        activity.SetTag("http.route", route is null ? null : Rooted(route));
        activity.SetTag("server.address", request.Host.Host);
        activity.SetTag("server.port", request.Host.Port);

        await next(context);

        var status = context.Response.StatusCode;
        activity.SetTag("http.response.status_code", status);
        if (status < StatusCodes.Status500InternalServerError)
            return;
        activity.SetTag("error.type", status.ToString(System.Globalization.CultureInfo.InvariantCulture));
        activity.SetStatus(ActivityStatusCode.Error);
    }

    private static string Rooted(string route) => route.StartsWith('/') ? route : $"/{route}";
}
