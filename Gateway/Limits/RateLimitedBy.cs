using Yarp.ReverseProxy.Configuration;

namespace Sluice.Gateway.Limits;

/// <summary>Endpoint metadata: the policy that the endpoint's requests are charged to.</summary>
/// <param name="Policy">Its name.</param>
/// <param name="Route">What the endpoint is called where a policy counts by route.</param>
public sealed record RateLimitedBy(string Policy, string Route)
{
    /// <summary>The name of a proxied route's metadata that holds the policy.</summary>
    public const string MetadataKey = "RateLimitPolicy";

    public static string? PolicyOf(RouteConfig route) => route.Metadata?.GetValueOrDefault(MetadataKey);
}
