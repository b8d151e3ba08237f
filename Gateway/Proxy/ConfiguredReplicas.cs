using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.ServiceDiscovery;

namespace Sluice.Gateway.Proxy;

/// <summary>
/// Turns a destination such as <c>http://itemapi</c> into all replicas of that service, as the app model lists them in the configuration:
/// <c>services:itemapi:http:0</c>, <c>:1</c> and so on. Anything else is left as it is.
/// </summary>
internal sealed class ConfiguredReplicas(IConfiguration configuration) : IDestinationResolver
{
    public ValueTask<ResolvedDestinationCollection> ResolveDestinationsAsync(
        IReadOnlyDictionary<string, DestinationConfig> destinations, CancellationToken cancellationToken)
    {
        var resolved = new Dictionary<string, DestinationConfig>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, destination) in destinations)
        {
            var replicas = Replicas(new Uri(destination.Address));
            if (replicas.Count == 0)
                resolved.Add(name, destination);
            foreach (var (number, address) in replicas)
                resolved.Add($"{name}/{number}", destination with { Address = address });
        }

        return new(new ResolvedDestinationCollection(resolved, configuration.GetReloadToken()));
    }

    private List<(string Number, string Address)> Replicas(Uri destination) => destination.IsDefaultPort
        ? [.. configuration.GetSection($"services:{destination.Host}:{destination.Scheme}").GetChildren()
            .Where(replica => !string.IsNullOrWhiteSpace(replica.Value))
            .Select(replica => (replica.Key, new Uri(new Uri(replica.Value!), destination.PathAndQuery).ToString()))]
        : [];
}
