using Aspire.Dashboard.Telemetry;
using Microsoft.Extensions.Options;

namespace Aspire.Dashboard.Otlp;

/// <summary>Reads what has come, one request after the other, into the stores.</summary>
internal sealed partial class Ingest : BackgroundService
{
    /// <summary>So many items go in at once: pages wait no longer than that for a store.</summary>
    private const int AtOnce = 512;

    private readonly IngestQueue queue;
    private readonly TraceStore traces;
    private readonly LogStore logs;
    private readonly MetricStore metrics;
    private readonly Losses losses;
    private readonly ILogger<Ingest> logger;
    private readonly TraceReader traceReader;
    private readonly LogReader logReader;
    private readonly MetricReader metricReader;

    public Ingest(IngestQueue queue, TraceStore traces, LogStore logs, MetricStore metrics, Losses losses, SourceDirectory sources, IOptions<DashboardOptions> options, ILogger<Ingest> logger)
    {
        (this.queue, this.traces, this.logs, this.metrics, this.losses, this.logger) = (queue, traces, logs, metrics, losses, logger);
        var limits = options.Value.TelemetryLimits;
        var names = new Names();
        var export = new ExportReader(new ResourceReader(sources), names);
        traceReader = new TraceReader(export, names, limits);
        logReader = new LogReader(export, limits);
        metricReader = new MetricReader(export, names, new PointReader(limits));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var request in queue.ReadAllAsync(stoppingToken))
        {
            try
            {
                losses.CountItems(Read(request));
            }
            catch (InvalidDataException e)
            {
                losses.CountItems(1);
                LogUnreadable(request.Signal, e.Message);
            }
            finally
            {
                queue.Release(request.Reserved);
                request.Return();
            }
        }
    }

    /// <returns>How many items were not kept.</returns>
    private int Read(OtlpRequest request)
    {
        switch (request.Signal)
        {
            case Signal.Traces:
                List<SpanRecord> spans = [];
                traceReader.Read(request.Body, spans);
                return spans.RemoveAll(span => span.TraceId == 0 || span.Id == 0) + spans.Chunk(AtOnce).Sum(traces.Add);
            case Signal.Logs:
                List<LogRecord> records = [];
                logReader.Read(request.Body, records);
                foreach (var chunk in records.Chunk(AtOnce))
                    logs.Add(chunk);
                return 0;
            default:
                List<IncomingPoint> points = [];
                return metricReader.Read(request.Body, points) + points.Chunk(AtOnce).Sum(metrics.Add);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "A request with {Signal} could not be read: {Reason}", EventName = "RequestUnreadable")]
    private partial void LogUnreadable(Signal signal, string reason);
}
