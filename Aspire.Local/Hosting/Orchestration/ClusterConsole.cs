using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Orchestration;

/// <summary>Writes the lines of all resources to the console, and a table when the start has come to its end.</summary>
internal sealed class ClusterConsole(Cluster cluster, ResourceNotificationService notifications, ResourceLoggerService logs, IHostApplicationLifetime lifetime, TimeProvider time) : IHostedService
{
    private readonly ConsoleLines lines = new(Console.Out, ConsoleLines.MayColour);
    private readonly long started = time.GetTimestamp();

    public Task StartAsync(CancellationToken cancellationToken)
    {
        logs.LineWritten = (resourceId, line) => lines.Write(resourceId, line.Content);
        lifetime.ApplicationStarted.Register(() => _ = PrintTableAsync(lifetime.ApplicationStopping));
        lifetime.ApplicationStopping.Register(() => lines.Write("Stopping. Ctrl-C once more kills."));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        lines.Write("Stopped.");
        return Task.CompletedTask;
    }

    private async Task PrintTableAsync(CancellationToken stopping)
    {
        lines.Align(cluster.Instances.Select(instance => instance.Id.Length).DefaultIfEmpty().Max());
        try
        {
            await foreach (var _ in notifications.WatchAsync(stopping))
            {
                if (cluster.Instances.All(instance => instance.Snapshot is { IsTerminal: true } or { IsHealthy: true }))
                    break;
            }
            foreach (var line in StartTable.Format([.. cluster.Instances.Select(instance => (instance.Id, instance.Snapshot))], time.GetElapsedTime(started)))
                lines.Write(line);
        }
        catch (OperationCanceledException)
        {
            // Stopped before it had started.
        }
    }
}
