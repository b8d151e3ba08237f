using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Sluice.ServiceDefaults.Migrations;

/// <summary>The migrations of a database without which its host starts and works: whoever needs the tables runs them first.</summary>
public sealed class DeferredMigrations
{
    private readonly Func<CancellationToken, Task> run;

    internal DeferredMigrations(string connectionName, Assembly assembly, IConfiguration configuration, TimeProvider time, ILogger<Migrator> logger) =>
        run = new Migrator(configuration.GetConnectionString(connectionName)!, Migration.In(assembly), time, logger).RunAsync;

    /// <summary>Does nothing where all have been applied.</summary>
    /// <exception cref="Startup.StartupException">PostgreSQL stays away, the token is cancelled meanwhile, or a file fails.</exception>
    public Task RunAsync(CancellationToken cancellationToken) => run(cancellationToken);
}
