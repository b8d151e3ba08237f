using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Servers;

namespace Aspire.Hosting.Orchestration;

/// <summary>Gives every replica of every endpoint its port before anything starts, so that resources can refer to each other in circles.</summary>
internal static class PortAllocation
{
    /// <exception cref="DistributedApplicationException">Two endpoints ask for one port.</exception>
    public static void Allocate(IEnumerable<IResource> resources, bool randomize)
    {
        Dictionary<int, IResource> wanted = [];
        foreach (var resource in resources)
        {
            foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
            {
                var asked = Asked(resource, endpoint, randomize);
                if (asked is { } port && !wanted.TryAdd(port, resource))
                    throw new DistributedApplicationException($"Port {port} is wanted by both '{wanted[port].Name}' and '{resource.Name}'.");
                endpoint.Ports = [.. Enumerable.Range(0, resource.GetReplicaCount()).Select(replica => replica == 0 && asked is { } first ? first : FreePorts.Next())];
            }
        }
    }

    // A project and a server listen where they are told to; any other program may know but one port.
    private static int? Asked(IResource resource, EndpointAnnotation endpoint, bool randomize) => resource is ExecutableResource
        ? endpoint.TargetPort ?? (randomize ? null : endpoint.Port)
        : randomize ? null : endpoint.Port ?? endpoint.TargetPort;
}
