using System.Collections.Concurrent;
using Aspire.Dashboard.Telemetry;
using Aspire.Hosting.Dashboard;

namespace Aspire.Dashboard.Resources;

/// <summary>What is known of all replicas. Thread-safe.</summary>
internal sealed class ResourceDirectory(Changes changes)
{
    private readonly ConcurrentDictionary<string, ResourceMessage> resources = new(StringComparer.OrdinalIgnoreCase);
    private volatile bool isConnected;

    /// <summary>Whether the AppHost still tells of changes.</summary>
    public bool IsConnected
    {
        get => isConnected;
        set
        {
            isConnected = value;
            changes.Report(Topic.Resources);
        }
    }

    public IReadOnlyList<ResourceMessage> All => [.. resources.Values.OrderBy(resource => resource.Id, StringComparer.Ordinal)];

    public ResourceMessage? Find(string? id) => id is not null && resources.TryGetValue(id, out var resource) ? resource : null;

    public void Set(ResourceMessage resource)
    {
        resources[resource.Id] = resource;
        changes.Report(Topic.Resources);
    }
}
