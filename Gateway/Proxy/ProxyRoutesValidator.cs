using Microsoft.Extensions.Options;
using Sluice.Gateway.Limits;
using Yarp.ReverseProxy.Configuration;

namespace Sluice.Gateway.Proxy;

/// <summary>Asks YARP what is wrong with each route and cluster, and adds what YARP cannot know.</summary>
internal sealed class ProxyRoutesValidator(IConfigValidator yarp, IConfiguration configuration) : IValidateOptions<ProxyRoutes>
{
    public ValidateOptionsResult Validate(string? name, ProxyRoutes options)
    {
        if (options.Unreadable is not null)
            return ValidateOptionsResult.Fail($"{ProxyRoutes.Section} cannot be read: {options.Unreadable}");

        var faults = options.Routes.SelectMany(route => Faults(route, options.Clusters))
            .Concat(options.Clusters.SelectMany(Faults))
            .ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private IEnumerable<string> Faults(RouteConfig route, IReadOnlyList<ClusterConfig> clusters)
    {
        var path = $"{ProxyRoutes.Section}:Routes:{route.RouteId}";
        foreach (var fault in Result(yarp.ValidateRouteAsync(route)))
            yield return $"{path}: {fault}";
        if (!clusters.Any(cluster => string.Equals(cluster.ClusterId, route.ClusterId, StringComparison.OrdinalIgnoreCase)))
            yield return $"{path}:ClusterId must be one of ReverseProxy:Clusters, is '{route.ClusterId}'";
        if (RateLimitedBy.PolicyOf(route) is { } policy && !Policies.Contains(policy, StringComparer.OrdinalIgnoreCase))
            yield return $"{path}:Metadata:{RateLimitedBy.MetadataKey} must be one of {LimitsRegistration.Section}:Policies ({string.Join(", ", Policies)}), is '{policy}'";

        // A misspelt one would leave the route without limits.
        foreach (var unknown in (route.Metadata?.Keys ?? []).Where(key => !key.Equals(RateLimitedBy.MetadataKey, StringComparison.OrdinalIgnoreCase)))
            yield return $"{path}:Metadata:{unknown} is no setting; {RateLimitedBy.MetadataKey} is";
    }

    private IEnumerable<string> Faults(ClusterConfig cluster) =>
        Result(yarp.ValidateClusterAsync(cluster)).Select(fault => $"{ProxyRoutes.Section}:Clusters:{cluster.ClusterId}: {fault}");

    private IEnumerable<string> Policies =>
        configuration.GetSection($"{LimitsRegistration.Section}:Policies").GetChildren().Select(policy => policy.Key);

    /// <summary>Validation at start is synchronous, and so are YARP's checks.</summary>
    private static IEnumerable<string> Result(ValueTask<IList<Exception>> validation) =>
        validation.AsTask().GetAwaiter().GetResult().Select(fault => fault.Message);
}
