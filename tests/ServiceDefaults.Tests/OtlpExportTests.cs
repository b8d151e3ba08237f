using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
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

    [Fact]
    public async Task What_a_collector_takes_at_the_second_try_is_not_said_in_the_log()
    {
        var tries = new ConcurrentDictionary<string, int>();
        await using var collector = await TestService.StartAsync(TestService.Builder(), app =>
            app.MapPost("/v1/{signal}", (string signal, HttpContext context) =>
            {
                context.Response.Headers.RetryAfter = "0";
                return tries.AddOrUpdate(signal, 1, static (_, number) => number + 1) == 1 ? Results.StatusCode(503) : Results.Ok();
            }));
        var builder = TestService.Builder(
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Url), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"), ("OTEL_METRIC_EXPORT_INTERVAL", "50"));
        using var log = new PollyLog();
        builder.Logging.AddProvider(log);

        await using (await TestService.StartAsync(builder))
            await Deadline.UntilAsync(
                () => Task.FromResult(tries.GetValueOrDefault("metrics") > 1), "metrics are sent again", cancellationToken: TestContext.Current.CancellationToken);

        Assert.Empty(log.Lines);
    }

    [LoggerMessage(1, LogLevel.Warning, "Said", EventName = "Said")]
    private static partial void LogSaid(ILogger logger);

    private sealed class PollyLog : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => categoryName == "Polly" ? this : NullLogger.Instance;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
