using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Sluice.ServiceDefaults.Migrations;

internal sealed record MigrationTarget(string ConnectionName, Assembly Assembly);

/// <summary>Runs in the host's starting phase, which ends before any service starts and the web server listens.</summary>
internal sealed class MigrationStart(MigrationTarget target, IConfiguration configuration, TimeProvider time, ILogger<Migrator> logger)
    : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) =>
        new Migrator(configuration.GetConnectionString(target.ConnectionName)!, Migration.In(target.Assembly), time, logger)
            .RunAsync(cancellationToken);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
