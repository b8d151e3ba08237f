using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Polly;
using Polly.Telemetry;

namespace Microsoft.Extensions.Hosting;

public static class TelemetryExtensions
{
    private static readonly string[] Sources =
        ["Microsoft.AspNetCore", "System.Net.Http", "Npgsql", "MassTransit", "Yarp.ReverseProxy", "Sluice.*"];

    private static readonly string[] Meters =
        ["Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Runtime", "Npgsql", "MassTransit", "Sluice.*"];

    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>
    /// Traces, metrics and logs, sent over OTLP where OTEL_EXPORTER_OTLP_ENDPOINT says where to. Where it doesn't, nothing is recorded: spans that nobody
    /// gets cost a proxy time with every request.
    /// </summary>
    public static TBuilder ConfigureOpenTelemetry<TBuilder>(this TBuilder builder) where TBuilder : IHostApplicationBuilder
    {
        if (builder.Configuration[Endpoint] is not { } endpoint || string.IsNullOrWhiteSpace(endpoint))
            return builder;

        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = true;
        });

        builder.Services.AddOpenTelemetry()
            .WithTracing(static tracing => tracing.AddSource(Sources))
            .WithMetrics(static metrics => metrics.AddMeter(Meters))
            .UseOtlpExporter();

        // What could not be sent is sent again, and is not worth a stack trace each time: a collector may start later than its services.
        _ = Uri.TryCreate(endpoint, UriKind.Absolute, out var collector);
        builder.Services.Configure<TelemetryOptions>(options => options.SeverityProvider = report =>
            report.Context.GetRequestMessage()?.RequestUri is { } address && address.Authority == collector?.Authority
                ? ResilienceEventSeverity.Debug
                : report.Event.Severity);
        return builder;
    }
}
