using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Trace;
using Sluice.ServiceDefaults.Errors;
using Sluice.ServiceDefaults.Health;
using Sluice.ServiceDefaults.Startup;
using Sluice.ServiceDefaults.Telemetry;

namespace Microsoft.Extensions.Hosting;

/// <summary>What every service does alike.</summary>
public static class ServiceDefaultsExtensions
{
    private const string InUse = "Sluice.ServiceDefaults.InUse";

    /// <summary>
    /// Libraries that tell a story at Information. Redis's client tells of each try to connect, and each that fails with its stack trace:
    /// that Redis is away is said by the limiter, and by the health check.
    /// </summary>
    private static readonly (string Category, LogLevel Level)[] Talkative =
    [
        ("MassTransit", LogLevel.Warning), ("Microsoft.AspNetCore", LogLevel.Warning), ("Npgsql", LogLevel.Warning), ("Polly", LogLevel.Warning),
        ("StackExchange.Redis", LogLevel.None), ("System.Net.Http.HttpClient", LogLevel.Warning),
    ];

    /// <summary>Telemetry, health checks, service discovery, resilient HTTP clients, problem details, readable start-up failures.</summary>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder) where TBuilder : IHostApplicationBuilder
    {
        builder.Services.Configure<LoggerFilterOptions>(static logs =>
        {
            // In front: the same category in the service's configuration overrules it.
            foreach (var (category, level) in Talkative)
                logs.Rules.Insert(0, new LoggerFilterRule(null, category, level, null));
        });
        builder.ConfigureOpenTelemetry();
        builder.AddDefaultHealthChecks();

        builder.Services.AddServiceDiscovery();
        builder.Services.ConfigureHttpClientDefaults(http =>
        {
            http.AddStandardResilienceHandler();
            http.AddServiceDiscovery();
        });

        builder.Services.TryAddSingleton(TimeProvider.System);

        // With what the container takes to dispose, a service is gone within 5 s of SIGTERM.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(4));
        builder.Services.AddReadableStartupFaults();
        builder.Services.AddErrorAnswers();
        return builder;
    }

    /// <summary>
    /// Names request spans and turns every error into problem details, but for an empty one of an endpoint with
    /// <see cref="ISkipStatusCodePagesMetadata"/>. Goes before the service's own middleware; <see cref="MapDefaultEndpoints"/> calls it for a service that has
    /// none.
    /// </summary>
    public static WebApplication UseServiceDefaults(this WebApplication app)
    {
        if (!((IApplicationBuilder)app).Properties.TryAdd(InUse, true))
            return app;
        StartupCheck.Run(app.Services);
        if (app.Services.GetService<TracerProvider>() is not null)
            app.UseMiddleware<RequestSpans>();
        app.UseExceptionHandler();
        // Where an endpoint says itself what went wrong, each of its requests would pay for this one too.
        app.UseWhen(
            static context => context.GetEndpoint()?.Metadata.GetMetadata<ISkipStatusCodePagesMetadata>() is null,
            static others => others.UseStatusCodePages());
        return app;
    }

    /// <summary>Maps <c>/health</c> (every check by name) and <c>/alive</c> (the process itself).</summary>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        app.UseServiceDefaults();
        app.MapHealth();
        return app;
    }
}
