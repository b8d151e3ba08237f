using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Trace;
using Sluice.Testing;

namespace Sluice.ServiceDefaults.Tests;

/// <summary>Keeps every span that a service would export. Sources are global to the process, so tests look for their own.</summary>
internal sealed class SpanRecorder : BaseProcessor<Activity>
{
    private readonly ConcurrentQueue<Activity> spans = new();

    public IReadOnlyCollection<Activity> Spans => spans;

    /// <summary>Spans are made where they are sent somewhere; that nobody is there matters to nobody.</summary>
    public static (string Key, string Value) Somewhere => ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9");

    public void AttachTo(IServiceCollection services) =>
        services.ConfigureOpenTelemetryTracerProvider((_, tracing) => tracing.AddProcessor(this));

    public override void OnEnd(Activity data)
    {
        if (data.Recorded)
            spans.Enqueue(data);
    }

    public async Task<Activity> FindAsync(Func<Activity, bool> matches)
    {
        await Deadline.UntilAsync(() => Task.FromResult(spans.Any(matches)), "span", cancellationToken: TestContext.Current.CancellationToken);
        return spans.First(matches);
    }
}
