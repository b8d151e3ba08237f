using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Sluice.ServiceDefaults.Migrations;
using Sluice.ServiceDefaults.Startup;

namespace Microsoft.Extensions.Hosting;

public static class MigrationExtensions
{
    /// <summary>
    /// Brings the database to the state of the assembly's embedded <c>NNN_name.sql</c> files, by default those of the calling assembly,
    /// before anything else in the host starts. Files run in order, each once and in a transaction of its own; replicas that start together take turns.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static IHostApplicationBuilder AddMigrations(this IHostApplicationBuilder builder, string connectionName, Assembly? assembly = null)
    {
        var source = assembly ?? Assembly.GetCallingAssembly();
        builder.RequireConnectionString(connectionName, static value => _ = new NpgsqlConnectionStringBuilder(value));

        // First in the list: other services' StartingAsync may read the tables.
        builder.Services.Insert(0, ServiceDescriptor.Singleton<IHostedService>(services =>
            ActivatorUtilities.CreateInstance<MigrationStart>(services, new MigrationTarget(connectionName, source))));
        return builder;
    }

    /// <summary>As <see cref="AddMigrations"/>, for a host that starts and works without the database: a <see cref="DeferredMigrations"/> to be run later.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static IHostApplicationBuilder AddDeferredMigrations(this IHostApplicationBuilder builder, string connectionName, Assembly? assembly = null)
    {
        var source = assembly ?? Assembly.GetCallingAssembly();
        builder.RequireConnectionString(connectionName, static value => _ = new NpgsqlConnectionStringBuilder(value));
        builder.Services.AddSingleton(services => new DeferredMigrations(
            connectionName, source, services.GetRequiredService<IConfiguration>(), services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<Migrator>>()));
        return builder;
    }
}
