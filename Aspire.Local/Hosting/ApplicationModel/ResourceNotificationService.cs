using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Knows the state of every replica and tells who wants to know. Thread-safe.</summary>
public class ResourceNotificationService : IDisposable
{
    private readonly Lock sync = new();
    private readonly Dictionary<string, ResourceEvent> current = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<Channel<ResourceEvent>> watchers = [];
    private bool disposed;

    internal ResourceNotificationService()
    {
    }

    /// <summary>Changes the state of a resource that has one replica.</summary>
    public Task PublishUpdateAsync(IResource resource, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory) =>
        PublishUpdateAsync(resource, resource.Name, stateFactory);

    public Task PublishUpdateAsync(IResource resource, string resourceId, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        lock (sync)
        {
            var before = current.TryGetValue(resourceId, out var known)
                ? known.Snapshot
                : new CustomResourceSnapshot { ResourceType = resource.GetType().Name.Replace("Resource", "", StringComparison.Ordinal), Properties = [] };
            var update = new ResourceEvent(resource, resourceId, stateFactory(before));
            current[resourceId] = update;
            foreach (var watcher in watchers)
                watcher.Writer.TryWrite(update);
        }
        return Task.CompletedTask;
    }

    public bool TryGetCurrentState(string resourceId, [NotNullWhen(true)] out ResourceEvent? resourceEvent)
    {
        lock (sync)
            return current.TryGetValue(resourceId, out resourceEvent);
    }

    /// <summary>The present state of every replica, and then every change.</summary>
    public async IAsyncEnumerable<ResourceEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var channel = Channel.CreateUnbounded<ResourceEvent>(new UnboundedChannelOptions { SingleReader = true });
        lock (sync)
        {
            foreach (var known in current.Values)
                channel.Writer.TryWrite(known);
            if (disposed)
                channel.Writer.Complete();
            else
                watchers.Add(channel);
        }
        try
        {
            await foreach (var update in channel.Reader.ReadAllAsync(cancellationToken))
                yield return update;
        }
        finally
        {
            lock (sync)
                watchers.Remove(channel);
        }
    }

    /// <summary>Waits for a replica of the resource to be in the state (Running where it is null).</summary>
    public Task WaitForResourceAsync(string resourceName, string? targetState = null, CancellationToken cancellationToken = default) =>
        WaitForResourceAsync(resourceName, targetState is null ? [KnownResourceStates.Running] : [targetState], cancellationToken);

    public async Task<string> WaitForResourceAsync(string resourceName, IEnumerable<string> targetStates, CancellationToken cancellationToken = default)
    {
        var reached = await WaitForResourceAsync(
            resourceName,
            update => update.Snapshot.State is { } state && targetStates.Contains(state.Text, StringComparer.OrdinalIgnoreCase),
            cancellationToken);
        return reached.Snapshot.State!.Text;
    }

    public async Task<ResourceEvent> WaitForResourceAsync(string resourceName, Func<ResourceEvent, bool> predicate, CancellationToken cancellationToken = default)
    {
        await foreach (var update in WatchAsync(cancellationToken))
        {
            if (string.Equals(update.Resource.Name, resourceName, StringComparison.OrdinalIgnoreCase) && predicate(update))
                return update;
        }
        throw new OperationCanceledException($"The application stopped before resource '{resourceName}' came to the state that was waited for.");
    }

    /// <summary>Waits until all replicas are healthy.</summary>
    /// <exception cref="DistributedApplicationException">The resource failed to start or ended; the message says why.</exception>
    public Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default) =>
        WaitForReplicasAsync(resourceName, "become healthy", replica => replica.IsHealthy, cancellationToken);

    /// <summary>Waits for what the resource waits for.</summary>
    /// <exception cref="DistributedApplicationException">A dependency will not come; the message says why.</exception>
    public Task WaitForDependenciesAsync(IResource resource, CancellationToken cancellationToken) =>
        Task.WhenAll(resource.Annotations.OfType<WaitAnnotation>().Select(wait => WaitForDependencyAsync(wait, cancellationToken)));

    public void Dispose()
    {
        lock (sync)
        {
            disposed = true;
            foreach (var watcher in watchers)
                watcher.Writer.TryComplete();
        }
        GC.SuppressFinalize(this);
    }

    internal Task WaitForDependencyAsync(WaitAnnotation wait, CancellationToken cancellationToken) => wait.WaitType switch
    {
        WaitType.WaitForCompletion => WaitForCompletionAsync(wait, cancellationToken),
        WaitType.WaitUntilStarted => WaitForReplicasAsync(wait.Resource.Name, "start", replica => replica.State?.Text == KnownResourceStates.Running, cancellationToken),
        _ => WaitForReplicasAsync(wait.Resource.Name, "become healthy", replica => replica.IsHealthy, cancellationToken),
    };

    private async Task WaitForCompletionAsync(WaitAnnotation wait, CancellationToken cancellationToken)
    {
        var last = await WaitForReplicasAsync(wait.Resource.Name, "complete", replica => replica is { IsTerminal: true, ExitCode: not null }, cancellationToken);
        if (last.Snapshot.ExitCode != wait.ExitCode)
            throw new DistributedApplicationException($"resource '{wait.Resource.Name}' completed with exit code {last.Snapshot.ExitCode}, expected was {wait.ExitCode}");
    }

    private async Task<ResourceEvent> WaitForReplicasAsync(string resourceName, string what, Func<CustomResourceSnapshot, bool> arrived, CancellationToken cancellationToken)
    {
        HashSet<string> there = [];
        return await WaitForResourceAsync(resourceName, update =>
        {
            if (arrived(update.Snapshot))
                there.Add(update.ResourceId);
            else if (update.Snapshot.IsTerminal)
                throw new DistributedApplicationException($"resource '{update.ResourceId}' did not {what}: {update.Snapshot.Reason ?? update.Snapshot.State!.Text}");
            else
                there.Remove(update.ResourceId);
            return there.Count >= update.Resource.GetReplicaCount();
        }, cancellationToken);
    }
}
