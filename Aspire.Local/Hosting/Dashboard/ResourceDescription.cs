using System.Globalization;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Dashboard;

/// <summary>What the dashboard hears of a replica.</summary>
internal static class ResourceDescription
{
    public static ResourceMessage Of(ResourceEvent update)
    {
        var snapshot = update.Snapshot;
        return new ResourceMessage(
            update.ResourceId,
            update.Resource.Name,
            snapshot.ResourceType,
            snapshot.State?.Text ?? KnownResourceStates.NotStarted,
            snapshot.HealthStatus?.ToString(),
            snapshot.Reason,
            snapshot.ExitCode,
            snapshot.StartTimeStamp,
            snapshot.StopTimeStamp,
            [.. snapshot.Urls.Select(url => new ResourceUrl(url.Name ?? "", url.Url, url.DisplayProperties.DisplayName, url.IsInternal))],
            [.. snapshot.Properties.Select(property => new ResourceProperty(property.Name, Convert.ToString(property.Value, CultureInfo.InvariantCulture) ?? ""))],
            [.. snapshot.HealthReports.Select(report => new ResourceCheck(report.Name, report.Status?.ToString(), report.Description))],
            [.. update.Resource.Annotations.OfType<WaitAnnotation>().Select(wait => wait.Resource.Name).Distinct()],
            [.. Commands(update)]);
    }

    private static IEnumerable<ResourceCommand> Commands(ResourceEvent update)
    {
        var (id, hasEnded) = (update.ResourceId, update.Snapshot.IsTerminal);
        yield return new ResourceCommand(KnownResourceCommands.StartCommand, "Start", $"Start {id}?", hasEnded);
        yield return new ResourceCommand(KnownResourceCommands.StopCommand, "Stop", $"Stop {id}? What depends on it will fail meanwhile.", !hasEnded);
        yield return new ResourceCommand(KnownResourceCommands.RestartCommand, "Restart", $"Restart {id}? What depends on it will fail meanwhile.", !hasEnded);
        foreach (var own in update.Resource.Annotations.OfType<ResourceCommandAnnotation>())
            yield return new ResourceCommand(own.Name, own.DisplayName, own.ConfirmationMessage ?? $"{own.DisplayName}: {id}?", true);
    }
}
