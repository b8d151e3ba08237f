using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Orchestration;

/// <summary>Asks a replica about its health: often until it is healthy, seldom afterwards.</summary>
internal sealed class HealthWatch(IReadOnlyList<IHealthProbe> probes, TimeProvider time, Action<ImmutableArray<HealthReportSnapshot>> report)
{
    private static readonly TimeSpan whileStarting = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan whileUnhealthy = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan whileHealthy = TimeSpan.FromSeconds(5);

    /// <summary>Whether it was healthy once. Without probes it is as long as it runs.</summary>
    public bool WasHealthy { get; private set; } = probes.Count == 0;

    /// <summary>Reports changes until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (probes.Count == 0)
            return;
        try
        {
            ImmutableArray<HealthReportSnapshot> last = [];
            while (true)
            {
                ImmutableArray<HealthReportSnapshot> reports = [.. await Task.WhenAll(probes.Select(probe => probe.AskAsync(cancellationToken)))];
                if (!reports.SequenceEqual(last))
                    report(last = reports);
                var healthy = reports.All(answer => answer.Status == HealthStatus.Healthy);
                WasHealthy |= healthy;
                await Task.Delay(healthy ? whileHealthy : WasHealthy ? whileUnhealthy : whileStarting, time, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // It has ended, or is told to.
        }
    }
}
