using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sluice.Testing;

namespace Sluice.ServiceDefaults.Tests;

public sealed partial class OtlpExportTests
{
    [Fact]
    public async Task Traces_metrics_and_logs_go_to_the_endpoint_that_the_environment_names()
    {
        var received = new ConcurrentDictionary<string, string>();
        await using var collector = await TestService.StartAsync(TestService.Builder(), app =>
            app.MapPost("/v1/{signal}", (string signal, HttpContext context) => received[signal] = context.Request.Headers["x-otlp-api-key"].ToString()));

        await using (var service = await TestService.StartAsync(
            TestService.Builder(
                ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Url),
                ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
                ("OTEL_EXPORTER_OTLP_HEADERS", "x-otlp-api-key=key"),
                ("OTEL_BSP_SCHEDULE_DELAY", "50"), ("OTEL_BLRP_SCHEDULE_DELAY", "50"), ("OTEL_METRIC_EXPORT_INTERVAL", "50")),
            static app => app.MapGet("/said", (ILogger<OtlpExportTests> logger) => LogSaid(logger))))
        {
            await service.Client.GetAsync("/said", TestContext.Current.CancellationToken);
            await Deadline.UntilAsync(
                () => Task.FromResult(received.Keys.Order(StringComparer.Ordinal).SequenceEqual(["logs", "metrics", "traces"])),
                "all three signals",
                cancellationToken: TestContext.Current.CancellationToken);
        }

        Assert.All(received.Values, key => Assert.Equal("key", key));
    }

    [Fact]
    public async Task A_collector_that_is_away_holds_nothing_up()
    {
        var service = await TestService.StartAsync(
            TestService.Builder(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")), static app => app.MapGet("/said", static () => "said"));
        Assert.Equal("said", await service.Client.GetStringAsync("/said", TestContext.Current.CancellationToken));
        await service.DisposeAsync().AsTask().Within();
    }

    [LoggerMessage(1, LogLevel.Warning, "Said", EventName = "Said")]
    private static partial void LogSaid(ILogger logger);
}
