using Aspire.Npgsql;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Microsoft.Extensions.Hosting;

public static class AspirePostgreSqlNpgsqlExtensions
{
    private const string Section = "Aspire:Npgsql";

    /// <summary>Registers one <see cref="NpgsqlDataSource"/> for the host.</summary>
    public static void AddNpgsqlDataSource(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<NpgsqlSettings>? configureSettings = null,
        Action<NpgsqlDataSourceBuilder>? configureDataSourceBuilder = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);

        var settings = new NpgsqlSettings();
        builder.Configuration.GetSection(Section).Bind(settings);
        builder.Configuration.GetSection($"{Section}:{connectionName}").Bind(settings);
        settings.ConnectionString = builder.Configuration.GetConnectionString(connectionName) ?? settings.ConnectionString;
        configureSettings?.Invoke(settings);

        builder.Services.AddSingleton(services => DataSource(services.GetService<ILoggerFactory>()));
        if (!settings.DisableHealthChecks)
            builder.Services.AddHealthChecks().AddCheck<PostgresPing>("PostgreSql");

        NpgsqlDataSource DataSource(ILoggerFactory? logs)
        {
            if (string.IsNullOrWhiteSpace(settings.ConnectionString))
            {
                throw new InvalidOperationException(
                    $"ConnectionString is missing. It should be provided in 'ConnectionStrings:{connectionName}' or under the 'ConnectionString' key in '{Section}' configuration section.");
            }

            var dataSource = new NpgsqlDataSourceBuilder(settings.ConnectionString).UseLoggerFactory(logs);
            if (settings.DisableTracing)
                dataSource.ConfigureTracing(tracing => tracing.ConfigureCommandFilter(static _ => false).ConfigureBatchFilter(static _ => false));
            configureDataSourceBuilder?.Invoke(dataSource);
            return dataSource.Build();
        }
    }
}
