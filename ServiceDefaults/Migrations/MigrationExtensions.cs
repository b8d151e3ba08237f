using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
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
}
