using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace Sluice.ServiceDefaults.Startup;

/// <summary>
/// Connects to Redis on the one thread that starts the host. The client connects on whichever thread asks first, and the others wait for
/// it: in a first burst of work those would be all that there are, and none left for the connection to go ahead.
/// </summary>
internal sealed class RedisStart(IServiceProvider services) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        services.GetRequiredService<IConnectionMultiplexer>();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
