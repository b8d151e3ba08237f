using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard;
using Aspire.Hosting.Orchestration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting;

internal sealed class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    /// <summary>Services get the larger part, then the servers theirs; the host waits a little longer than both.</summary>
    private static readonly TimeSpan shutdownTimeout = TimeSpan.FromSeconds(15);

    private readonly AppHostSettings settings;
    private readonly HostApplicationBuilder host;

    public DistributedApplicationBuilder(AppHostSettings settings)
    {
        this.settings = settings;
        host = new HostApplicationBuilder(settings.ToHostSettings());
        settings.AddTo(host.Configuration);

        host.Logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);
        host.Services.Configure<HostOptions>(options => options.ShutdownTimeout = shutdownTimeout);
        host.Services.TryAddSingleton(TimeProvider.System);
        host.Services.AddSingleton(settings);
        host.Services.AddSingleton(ExecutionContext);
        host.Services.AddSingleton(new DistributedApplicationModel(Resources));
        host.Services.AddSingleton(_ => new ResourceNotificationService());
        host.Services.AddSingleton(_ => new ResourceLoggerService());
        host.Services.AddSingleton<Cluster>();
        host.Services.AddSingleton(services => new ResourceCommandService(services.GetRequiredService<Cluster>(), services));
        if (settings.Interactive)
        {
            host.Services.AddHostedService<ClusterConsole>();
            host.Services.AddHostedService<ParentWatch>();
            host.Services.AddHostedService<SecondSignal>();
        }
        // The last to start is the first to stop: the console sees both.
        host.Services.AddHostedService(services => services.GetRequiredService<Cluster>());
    }

    public Assembly? AppHostAssembly => settings.AppHostAssembly;

    public string AppHostDirectory => settings.AppHostDirectory;

    public ConfigurationManager Configuration => host.Configuration;

    public IHostEnvironment Environment => host.Environment;

    public DistributedApplicationExecutionContext ExecutionContext { get; } = new(DistributedApplicationOperation.Run);

    public IResourceCollection Resources { get; } = new ResourceCollection();

    public IServiceCollection Services => host.Services;

    public IResourceBuilder<T> AddResource<T>(T resource)
        where T : IResource
    {
        if (Resources.FirstOrDefault(known => string.Equals(known.Name, resource.Name, StringComparison.OrdinalIgnoreCase)) is { } known)
            throw new DistributedApplicationException(
                $"Cannot add resource of type '{resource.GetType().Name}' with name '{resource.Name}': a resource of type '{known.GetType().Name}' has that name. Names are case-insensitive.");
        Resources.Add(resource);
        return CreateResourceBuilder(resource);
    }

    public IResourceBuilder<T> CreateResourceBuilder<T>(T resource)
        where T : IResource => new ResourceBuilder<T>(this, resource);

    public DistributedApplication Build()
    {
        settings.Interception?.AwaitBuild(this);
        AddDashboard();
        var application = new DistributedApplication(host.Build(), settings.Interception);
        settings.Interception?.Built(application);
        return application;
    }

    private void AddDashboard()
    {
        if (settings.DisableDashboard || settings.DashboardProgram is not { } program || !Configuration.GetValue("Sluice:AspireDashboard", true))
            return;
        var dashboard = DashboardSettings.From(Configuration, settings.RandomizePorts);
        Configuration.AddInMemoryCollection(dashboard.ToConfiguration());
        AddResource(DashboardResource.Create(program, dashboard));
        host.Services.AddSingleton(dashboard);
        host.Services.AddHostedService<DashboardService>();
    }
}
