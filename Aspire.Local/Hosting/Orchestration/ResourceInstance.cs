using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Servers;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Orchestration;

/// <summary>One replica of a resource through its life: it waits, starts, runs, ends. Thread-safe.</summary>
internal abstract class ResourceInstance(IResource resource, int replica, InstanceContext context) : IDisposable
{
    private static readonly TimeSpan reminderInterval = TimeSpan.FromSeconds(30);
    private readonly ILogger log = context.Logs.GetLogger(IdOf(resource, replica));
    private readonly SemaphoreSlim oneStopAtATime = new(1);
    private readonly Lock sync = new();
    private CancellationTokenSource stopping = new();
    private Task life = Task.CompletedTask;

    public IResource Resource { get; } = resource;

    public int Replica { get; } = replica;

    /// <summary>The resource's name, and a number where it has several replicas.</summary>
    public string Id { get; } = IdOf(resource, replica);

    public CustomResourceSnapshot Snapshot => Context.Notifications.TryGetCurrentState(Id, out var known)
        ? known.Snapshot
        : new CustomResourceSnapshot { ResourceType = "", Properties = [] };

    protected InstanceContext Context { get; } = context;

    private IEnumerable<EndpointAnnotation> Endpoints => Resource.Annotations.OfType<EndpointAnnotation>();

    /// <summary>Makes the replica known before anything starts.</summary>
    public void Announce() => Publish(snapshot => snapshot with
    {
        State = KnownResourceStates.NotStarted,
        CreationTimeStamp = Now(),
        Urls = [.. Endpoints.SelectMany(UrlsOf)],
    });

    /// <summary>Sets out; returns at once. Nothing happens where it is under way already.</summary>
    public void Start()
    {
        lock (sync)
        {
            // Who ends says so in the last moment of its life.
            if (!life.IsCompleted && !Snapshot.IsTerminal)
                return;
            stopping = new CancellationTokenSource();
            var (before, stop) = (life, stopping.Token);
            // Here already: whoever has started it again doesn't find it ended.
            Publish(snapshot => snapshot with { State = KnownResourceStates.Waiting, ExitCode = null, Reason = null, StopTimeStamp = null, HealthReports = [] });
            life = Task.Run(async () =>
            {
                await before;
                await LiveAsync(stop);
            });
        }
    }

    /// <summary>Ends it in an orderly way, or at once when <paramref name="deadline"/> is cancelled.</summary>
    public async Task StopAsync(CancellationToken deadline)
    {
        await oneStopAtATime.WaitAsync(CancellationToken.None);
        try
        {
            var before = Snapshot;
            await stopping.CancelAsync();
            if (before.State?.Text == KnownResourceStates.Running)
                Publish(snapshot => snapshot with { State = KnownResourceStates.Stopping });
            await life;
            var exitCode = await EndAsync(deadline);
            if (!before.IsTerminal)
                Publish(snapshot => snapshot with { State = KnownResourceStates.Exited, ExitCode = exitCode, StopTimeStamp = Now(), Reason = "it was stopped" });
        }
        finally
        {
            oneStopAtATime.Release();
        }
    }

    public bool WaitsFor(ResourceInstance other) => Resource.Annotations.OfType<WaitAnnotation>().Any(wait => wait.Resource == other.Resource);

    public async Task RestartAsync(CancellationToken deadline)
    {
        await StopAsync(deadline);
        Start();
    }

    /// <summary>After the last stop.</summary>
    public virtual void Dispose()
    {
        oneStopAtATime.Dispose();
        stopping.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Starts it.</summary>
    /// <returns>Completes with the exit code when it ends by itself.</returns>
    protected abstract Task<Task<int>> LaunchAsync(CancellationToken cancellationToken);

    /// <summary>Ends what <see cref="LaunchAsync"/> has started, if it runs.</summary>
    protected abstract Task<int?> EndAsync(CancellationToken deadline);

    protected abstract IReadOnlyList<IHealthProbe> CreateProbes();

    protected void Publish(Func<CustomResourceSnapshot, CustomResourceSnapshot> change) =>
        Context.Notifications.PublishUpdateAsync(Resource, Id, change);

    private static string IdOf(IResource resource, int replica) => resource.GetReplicaCount() == 1 ? resource.Name : $"{resource.Name}-{replica}";

    private DateTime Now() => Context.Time.GetUtcNow().UtcDateTime;

    private async Task LiveAsync(CancellationToken cancellationToken)
    {
        try
        {
            RefuseTakenPorts();
            await WaitForDependenciesAsync(cancellationToken);
            // Once more: the wait may have been long.
            RefuseTakenPorts();
            Publish(snapshot => snapshot with { State = KnownResourceStates.Starting });
            var exited = await LaunchAsync(cancellationToken);
            await RunAsync(exited, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // StopAsync says what comes next.
        }
        catch (Exception e)
        {
            // Whatever it is, it concerns this resource alone, and those that wait for it hear of it.
            Fail(e is ServerStartException or DistributedApplicationException or IOException or UnauthorizedAccessException ? e.Message : e.ToString());
        }
    }

    private async Task RunAsync(Task<int> exited, CancellationToken cancellationToken)
    {
        var probes = CreateProbes();
        Publish(snapshot => snapshot with
        {
            State = KnownResourceStates.Running,
            StartTimeStamp = Now(),
            HealthReports = [.. probes.Select(probe => new HealthReportSnapshot(probe.Name, null, null, null))],
        });

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var health = new HealthWatch(probes, Context.Time, Report);
        var watching = health.RunAsync(ended.Token);
        try
        {
            var exitCode = await exited.WaitAsync(cancellationToken);
            await EndAsync(cancellationToken);
            await ended.CancelAsync();
            await watching;
            SayExited(exitCode, health.WasHealthy);
        }
        finally
        {
            await ended.CancelAsync();
            await watching;
        }
    }

    private void Report(ImmutableArray<HealthReportSnapshot> reports)
    {
        var before = Snapshot.IsHealthy;
        Publish(snapshot => snapshot with { HealthReports = reports });
        if (!before && Snapshot.IsHealthy)
            log.Healthy();
        else if (before && !Snapshot.IsHealthy)
            log.Unhealthy(string.Join("; ", reports.Select(report => report.Description).OfType<string>()));
    }

    private void SayExited(int exitCode, bool wasHealthy)
    {
        if (exitCode != 0 && !wasHealthy)
        {
            var last = string.Join(Environment.NewLine, Context.Logs.Kept(Id).TakeLast(20).Select(line => line.Content));
            Fail($"it ended with exit code {exitCode} before it was healthy:{Environment.NewLine}{last}", exitCode, alreadyShown: true);
            return;
        }
        var reason = $"it ended with exit code {exitCode}";
        log.Exited(exitCode);
        Publish(snapshot => snapshot with { State = new ResourceStateSnapshot(KnownResourceStates.Exited, exitCode == 0 ? null : "error"), ExitCode = exitCode, StopTimeStamp = Now(), Reason = reason });
    }

    private void Fail(string reason, int? exitCode = null, bool alreadyShown = false)
    {
        // The last lines of the program stand in its log already.
        log.Failed(alreadyShown ? reason.Split(Environment.NewLine)[0].TrimEnd(':') : reason);
        Publish(snapshot => snapshot with { State = new ResourceStateSnapshot(KnownResourceStates.FailedToStart, "error"), ExitCode = exitCode, StopTimeStamp = Now(), Reason = reason });
    }

    private async Task WaitForDependenciesAsync(CancellationToken cancellationToken)
    {
        var waits = Resource.Annotations.OfType<WaitAnnotation>().DistinctBy(wait => (wait.Resource.Name, wait.WaitType))
            .Select(wait => (wait.Resource.Name, Arrived: WaitForAsync(wait, cancellationToken))).ToList();
        if (waits.Any(wait => !wait.Arrived.IsCompleted))
            log.Waiting(Pending());

        var next = AllAsync(waits.Select(wait => wait.Arrived));
        while (await Task.WhenAny(next, Task.Delay(reminderInterval, Context.Time, cancellationToken)) != next)
        {
            cancellationToken.ThrowIfCancellationRequested();
            log.StillWaiting(Pending());
        }
        await next;

        string Pending() => string.Join(", ", waits.Where(wait => !wait.Arrived.IsCompleted).Select(wait => wait.Name).Distinct());
    }

    private async Task WaitForAsync(WaitAnnotation wait, CancellationToken cancellationToken)
    {
        try
        {
            await Context.Notifications.WaitForDependencyAsync(wait, cancellationToken);
        }
        catch (DistributedApplicationException e)
        {
            throw new DistributedApplicationException($"it waits for '{wait.Resource.Name}': {e.Message}", e);
        }
    }

    private static async Task AllAsync(IEnumerable<Task> tasks)
    {
        await foreach (var completed in Task.WhenEach(tasks))
            await completed;
    }

    private void RefuseTakenPorts()
    {
        foreach (var port in Endpoints.Where(endpoint => endpoint.Ports.Count > Replica).Select(endpoint => endpoint.Ports[Replica]))
        {
            if (!FreePorts.IsFree(port))
                throw new DistributedApplicationException(
                    $"port {port}, which resource '{Resource.Name}' wants, is taken{PortOwner.Describe(port)}; {PortAdvice.For(port, Context.Configuration)}");
        }
    }

    private IEnumerable<UrlSnapshot> UrlsOf(EndpointAnnotation endpoint)
    {
        var reference = Resource is IResourceWithEndpoints owner ? new EndpointReference(owner, endpoint.Name) : null;
        var url = new ResourceUrlAnnotation { Url = endpoint.UrlOf(Replica), Endpoint = reference };
        foreach (var change in Resource.Annotations.OfType<EndpointUrlCallback>().Where(change => change.EndpointName == endpoint.Name))
            change.Callback(url);
        yield return Snapshot(url);
        foreach (var addition in Resource.Annotations.OfType<EndpointUrlAddition>().Where(addition => reference is not null && addition.EndpointName == endpoint.Name))
        {
            var other = addition.Callback(reference!);
            if (other.Url.StartsWith('/'))
                other.Url = new Uri(new Uri(endpoint.UrlOf(Replica)), other.Url).ToString();
            yield return Snapshot(other);
        }

        UrlSnapshot Snapshot(ResourceUrlAnnotation shown) =>
            new(endpoint.Name, shown.Url, !endpoint.IsExternal) { DisplayProperties = new UrlDisplayPropertiesSnapshot(shown.DisplayText ?? "") };
    }
}
