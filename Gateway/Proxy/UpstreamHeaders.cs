using Sluice.Gateway.Clients;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace Sluice.Gateway.Proxy;

/// <summary>
/// Tells the services who is calling, in headers that only the gateway writes, and keeps the key to itself.
/// </summary>
internal static class UpstreamHeaders
{
    public const string Client = "X-Client";
    public const string ClientRoles = "X-Client-Roles";

    public static void Add(TransformBuilderContext route) => route.AddRequestTransform(static request =>
    {
        var headers = request.ProxyRequest.Headers;
        headers.Remove(CallerIdentity.KeyHeader);
        headers.Remove(Client);
        headers.Remove(ClientRoles);
        var caller = Caller.Of(request.HttpContext);
        if (caller.Name is not null)
            headers.TryAddWithoutValidation(Client, caller.Name);
        if (caller.Roles is not null)
            headers.TryAddWithoutValidation(ClientRoles, caller.Roles);
        return default;
    });
}
