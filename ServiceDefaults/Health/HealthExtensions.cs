using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;
using Sluice.ServiceDefaults.Health;
using Sluice.ServiceDefaults.Messaging;
using Sluice.ServiceDefaults.Startup;
using Sluice.ServiceDefaults.Telemetry;
using StackExchange.Redis;

namespace Microsoft.Extensions.Hosting;

/// <summary>The stores that a service uses, each with a health check of the same name everywhere.</summary>
public static class HealthExtensions
{
    internal const string Live = "live";

    /// <summary>How long a check may take before it counts as failed.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private const int StartPatienceMilliseconds = 2000;

    /// <summary>The check <c>self</c>, tagged <c>live</c>.</summary>
    public static TBuilder AddDefaultHealthChecks<TBuilder>(this TBuilder builder) where TBuilder : IHostApplicationBuilder
    {
        builder.Services.AddHealthChecks().AddCheck("self", static () => HealthCheckResult.Healthy(), [Live]);
        return builder;
    }

    /// <summary>Redis by connection name: IConnectionMultiplexer, connected when the host starts, and the check <c>redis</c>.</summary>
    public static TBuilder AddRedisStore<TBuilder>(this TBuilder builder, string connectionName) where TBuilder : IHostApplicationBuilder
    {
        builder.RequireConnectionString(connectionName, static value => ConfigurationOptions.Parse(value));
        builder.AddRedisClient(
            connectionName,
            static settings =>
            {
                settings.DisableHealthChecks = true;

                // The limiter makes the spans of its calls itself: many requests share one.
                settings.DisableTracing = true;

                // The client connects on whichever thread asks first, and the others wait for it: in a first burst of work those would be
                // all that there are, and none left for the connection to go ahead. So the thread that starts the host asks.
                settings.DisableAutoActivation = false;
            },
            static options =>
            {
                // A service starts without Redis too and finds it later. So it waits once, and not for long, unless the connection
                // string gives another time than the client's own.
                options.AbortOnConnectFail = false;
                options.ConnectRetry = 0;
                if (options.ConnectTimeout == new ConfigurationOptions().ConnectTimeout)
                    options.ConnectTimeout = StartPatienceMilliseconds;

                // Else questions would wait for the connection to come back, and the limiter, which has an answer without Redis, with them.
                options.BacklogPolicy = BacklogPolicy.FailFast;

                // Left to itself the client looks for a lost server every second at first, and then ever less often.
                options.HeartbeatInterval = TimeSpan.FromMilliseconds(200);
                options.ReconnectRetryPolicy = new LinearRetry(100);
            });
        builder.Services.AddHealthChecks().AddCheck<RedisHealth>("redis", timeout: Patience);
        return builder;
    }

    /// <summary>A PostgreSQL database by connection name: NpgsqlDataSource, and the check <c>postgres</c>.</summary>
    public static TBuilder AddPostgresStore<TBuilder>(
        this TBuilder builder, string connectionName, Action<NpgsqlDataSourceBuilder>? configure = null) where TBuilder : IHostApplicationBuilder
    {
        builder.RequireConnectionString(connectionName, static value => _ = new NpgsqlConnectionStringBuilder(value));
        builder.AddNpgsqlDataSource(
            connectionName,
            static settings =>
            {
                settings.DisableHealthChecks = true;

                // ConfigureOpenTelemetry listens to Npgsql where anybody gets to know; left to itself the client listens always.
                settings.DisableTracing = true;
                settings.DisableMetrics = true;
            },
            configure);
        builder.Services.AddHealthChecks().AddCheck<PostgresHealth>("postgres", timeout: Patience);
        return builder;
    }

    /// <summary>The check <c>rabbitmq</c>. AddMessaging brings it along.</summary>
    public static TBuilder AddRabbitMqHealthCheck<TBuilder>(this TBuilder builder, string connectionName) where TBuilder : IHostApplicationBuilder
    {
        builder.RequireConnectionString(connectionName, static value => _ = new Uri(value));
        builder.Services.TryAddSingleton(services => ActivatorUtilities.CreateInstance<BrokerConnection>(services, connectionName));
        builder.Services.AddHealthChecks().AddCheck<RabbitMqHealth>("rabbitmq", timeout: Patience);
        return builder;
    }

    internal static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapHealthChecks("/health", new HealthCheckOptions { ResponseWriter = HealthAnswer.WriteAsync }).Quiet();
        app.MapHealthChecks("/alive", new HealthCheckOptions
        {
            Predicate = static check => check.Tags.Contains(Live),
            ResponseWriter = HealthAnswer.WriteAsync,
        }).Quiet();
    }

    private static void Quiet(this IEndpointConventionBuilder endpoint) => endpoint.WithMetadata(new NotTraced()).AllowAnonymous().DisableHttpMetrics();
}
