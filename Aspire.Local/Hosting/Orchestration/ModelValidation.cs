using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Orchestration;

/// <summary>Finds what can't work whatever happens.</summary>
internal static class ModelValidation
{
    /// <exception cref="DistributedApplicationException">The message names each fault.</exception>
    public static void Validate(IReadOnlyCollection<IResource> resources)
    {
        List<string> faults =
        [
            .. resources.SelectMany(resource => resource.Annotations.OfType<HttpHealthProbe>()
                .Where(probe => !probe.Endpoint.Exists)
                .Select(probe => $"'{resource.Name}' has a health check on endpoint '{probe.Endpoint.EndpointName}', which it does not have.")),
            .. resources.Where(resource => WaitsForItself(resource, resource, [])).Select(resource => $"'{resource.Name}' waits, in the end, for itself."),
        ];
        if (faults.Count > 0)
            throw new DistributedApplicationException(string.Join(Environment.NewLine, faults));
    }

    private static bool WaitsForItself(IResource start, IResource at, HashSet<IResource> seen) => at.Annotations.OfType<WaitAnnotation>()
        .Any(wait => wait.Resource == start || (seen.Add(wait.Resource) && WaitsForItself(start, wait.Resource, seen)));
}
