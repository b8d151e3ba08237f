using Microsoft.Extensions.Primitives;

namespace Sluice.Gateway.Clients;

/// <summary>Puts the <see cref="Caller"/> on the request.</summary>
internal sealed class CallerIdentity(RequestDelegate next, ClientRegistry clients)
{
    public const string KeyHeader = "X-API-Key";

    public Task InvokeAsync(HttpContext context)
    {
        var key = context.Request.Headers[KeyHeader];
        var caller = (key.Count == 1 ? clients.Find(key[0]) : null)
            ?? Caller.Unregistered(context.Connection.RemoteIpAddress, gaveUnknownKey: !StringValues.IsNullOrEmpty(key));
        caller.Sends(context);
        return next(context);
    }
}
