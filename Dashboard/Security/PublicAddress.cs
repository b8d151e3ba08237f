using Microsoft.AspNetCore.HttpOverrides;

namespace Sluice.Dashboard.Security;

/// <summary>How the dashboard looks from outside, through the gateway.</summary>
internal static class PublicAddress
{
    /// <summary>All pages are below it: the rest of the address belongs to the API.</summary>
    public const string BasePath = "/dashboard";

    public const string Home = $"{BasePath}/imports";

    public static void UsePublicAddress(this WebApplication app)
    {
        // Nobody but the gateway reaches this process, and the gateway sets the header itself.
        var forwarded = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedProto };
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        app.UseForwardedHeaders(forwarded);
        app.UsePathBase(BasePath);
    }
}
