using Microsoft.Extensions.Options;

namespace Sluice.Gateway.Traffic;

/// <summary>Hands over what was counted at the end of each interval. Never waits for PostgreSQL.</summary>
internal sealed class TrafficFlush(
    TrafficRecorder recorder, TrafficQueue queue, TrafficMetrics metrics, IOptions<TrafficOptions> options, TimeProvider time) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.Enabled)
            return;
        var interval = options.Value.Interval.Ticks;
        while (true)
        {
            // At the clock's full seconds, so that an interval is not part of two of them.
            await Task.Delay(TimeSpan.FromTicks(interval - (time.GetUtcNow().UtcTicks % interval)), time, stoppingToken);
            var batch = recorder.Take();
            metrics.Saw(batch);
            queue.Add(batch);
        }
    }
}
