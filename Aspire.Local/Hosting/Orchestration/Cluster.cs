using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard;
using Aspire.Hosting.Servers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Orchestration;

/// <summary>All replicas of all resources: starts them, and takes them down again in good order.</summary>
internal sealed class Cluster(
    DistributedApplicationModel model,
    ResourceNotificationService notifications,
    ResourceLoggerService logs,
    AppHostSettings settings,
    IHostEnvironment environment,
    IConfiguration configuration,
    DistributedApplicationExecutionContext executionContext,
    TimeProvider time) : IHostedService, IAsyncDisposable
{
    /// <summary>Together they leave room within the 10 s in which all is gone.</summary>
    private static readonly TimeSpan programsMayTake = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan serversMayTake = TimeSpan.FromSeconds(3);

    private readonly CancellationTokenSource hurry = new();
    private readonly Lock sync = new();
    private readonly HttpClient http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(5) };
    private ProcessGuard? guard;
    private Task? stopped;

    /// <summary>Empty before the start.</summary>
    public IReadOnlyList<ResourceInstance> Instances { get; private set; } = [];

    /// <summary>The replica, or all replicas of the resource.</summary>
    public IReadOnlyList<ResourceInstance> Find(string resourceId) => [.. Instances.Where(instance =>
        string.Equals(instance.Id, resourceId, StringComparison.OrdinalIgnoreCase)
        || string.Equals(instance.Resource.Name, resourceId, StringComparison.OrdinalIgnoreCase))];

    public Task StartAsync(CancellationToken cancellationToken)
    {
        ModelValidation.Validate([.. model.Resources]);
        PortAllocation.Allocate(model.Resources, settings.RandomizePorts);
        guard = new ProcessGuard();
        Instances = CreateInstances(new InstanceContext(guard, notifications, logs, settings, environment, configuration, executionContext, http, time));

        foreach (var instance in Instances)
            instance.Announce();
        foreach (var instance in Instances)
            instance.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        lock (sync)
            return stopped ??= StopAllAsync();
    }

    /// <summary>Kills what a stop would wait for.</summary>
    public void Hurry() => hurry.Cancel();

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        http.Dispose();
        hurry.Dispose();
    }

    private List<ResourceInstance> CreateInstances(InstanceContext context)
    {
        List<ResourceInstance> instances = [];
        foreach (var resource in model.Resources)
        {
            instances.AddRange(resource switch
            {
                ParameterResource => [],
                ContainerResource server => [new ServerInstance(server, context)],
                PostgresDatabaseResource database =>
                    [new DatabaseInstance(database, instances.OfType<ServerInstance>().First(server => server.Resource == database.Parent), context)],
                ProjectResource or ExecutableResource => Enumerable.Range(0, resource.GetReplicaCount()).Select(replica => new ProcessInstance(resource, replica, context)),
                _ => throw new DistributedApplicationException($"'{resource.Name}' is a {resource.GetType().Name}, which can't run here."),
            });
        }
        return instances;
    }

    private async Task StopAllAsync()
    {
        using (var deadline = Deadline(programsMayTake))
            await StopInOrderAsync(Instances.Where(IsProgram), deadline.Token);
        using (var deadline = Deadline(serversMayTake))
            await StopInOrderAsync(Instances.Where(instance => !IsProgram(instance)), deadline.Token);

        foreach (var instance in Instances)
            instance.Dispose();
        if (guard is not null)
            await guard.DisposeAsync();
    }

    // The dashboard hears the programs' last words.
    private static bool IsProgram(ResourceInstance instance) => instance is ProcessInstance { Resource: not DashboardResource };

    /// <summary>Who waited for another at the start stops before it.</summary>
    private static Task StopInOrderAsync(IEnumerable<ResourceInstance> instances, CancellationToken deadline)
    {
        var stops = instances.ToDictionary(instance => instance, _ => (Task?)null);
        return Task.WhenAll(stops.Keys.ToList().Select(StopAsync));

        Task StopAsync(ResourceInstance instance) => stops[instance] ??= StopAfterDependentsAsync(instance);

        async Task StopAfterDependentsAsync(ResourceInstance instance)
        {
            await Task.WhenAll(stops.Keys.Where(other => other.WaitsFor(instance)).ToList().Select(StopAsync));
            await instance.StopAsync(deadline);
        }
    }

    private CancellationTokenSource Deadline(TimeSpan time)
    {
        var deadline = CancellationTokenSource.CreateLinkedTokenSource(hurry.Token);
        deadline.CancelAfter(time);
        return deadline;
    }
}
