using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>The system, ready to run.</summary>
public class DistributedApplication : IHost, IAsyncDisposable
{
    private readonly IHost host;
    private readonly EntryPointInterception? interception;

    internal DistributedApplication(IHost host, EntryPointInterception? interception)
    {
        this.host = host;
        this.interception = interception;
    }

    public IServiceProvider Services => host.Services;

    public ResourceNotificationService ResourceNotifications => Services.GetRequiredService<ResourceNotificationService>();

    public ResourceCommandService ResourceCommands => Services.GetRequiredService<ResourceCommandService>();

    public static IDistributedApplicationBuilder CreateBuilder() => CreateBuilder([]);

    public static IDistributedApplicationBuilder CreateBuilder(string[] args) => CreateBuilder(new DistributedApplicationOptions { Args = args });

    public static IDistributedApplicationBuilder CreateBuilder(DistributedApplicationOptions options) =>
        EntryPointInterception.Current is { } interception
            ? interception.CreateBuilder(options.Args ?? [])
            : new DistributedApplicationBuilder(AppHostSettings.ForRun(options));

    /// <summary>Runs the system until it is told to stop: Ctrl-C, SIGTERM. Says what is wrong with it, where it can't start.</summary>
    public void Run()
    {
        try
        {
            RunAsync().GetAwaiter().GetResult();
        }
        catch (DistributedApplicationException e)
        {
            Console.Error.WriteLine(e.Message);
            Environment.ExitCode = 1;
        }
    }

    /// <summary>Runs the system until it is told to stop: Ctrl-C, SIGTERM.</summary>
    public virtual Task RunAsync(CancellationToken cancellationToken = default) =>
        // A test that has borrowed the entry point starts and stops the application itself.
        interception is not null && EntryPointInterception.Current == interception
            ? interception.Ended
            : HostingAbstractionsHostExtensions.RunAsync(this, cancellationToken);

    /// <summary>Starts all resources; returns when they are on their way, not when they are healthy.</summary>
    public virtual Task StartAsync(CancellationToken cancellationToken = default) => host.StartAsync(cancellationToken);

    public virtual Task StopAsync(CancellationToken cancellationToken = default) => host.StopAsync(cancellationToken);

    /// <summary>Stops what still runs and lets go of all.</summary>
    public virtual async ValueTask DisposeAsync()
    {
        await Services.GetRequiredService<Cluster>().DisposeAsync();
        await ((IAsyncDisposable)host).DisposeAsync();
        interception?.End();
        GC.SuppressFinalize(this);
    }

    public virtual void Dispose()
    {
        DisposeAsync().AsTask().GetAwaiter().GetResult();
        GC.SuppressFinalize(this);
    }
}
