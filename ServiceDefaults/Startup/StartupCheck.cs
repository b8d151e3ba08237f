using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Sluice.ServiceDefaults.Startup;

/// <summary>
/// Checks all options before the host makes its other services: one of them might read its options in its constructor and
/// fail alone, where the host's own validation would come too late to name the other faults.
/// </summary>
internal sealed class StartupCheck : IHostedService
{
    public StartupCheck(IServiceProvider services) => Run(services);

    public static void Run(IServiceProvider services) => services.GetService<IStartupValidator>()?.Validate();

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
