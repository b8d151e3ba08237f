using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Dashboard;

/// <summary>Answers the dashboard's questions, and says where it is when it is there.</summary>
internal sealed class DashboardService(
    DashboardSettings settings, ResourceNotificationService notifications, ResourceLoggerService logs, ResourceCommandService commands, TimeProvider time) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        foreach (var note in settings.Notes)
            logs.Write(DashboardResource.ResourceName, note);
        try
        {
            await using var service = ResourceService.Create(settings, notifications, logs, commands, time);
            await service.StartAsync(stoppingToken);
            await notifications.WaitForResourceHealthyAsync(DashboardResource.ResourceName, stoppingToken);
            logs.Write(DashboardResource.ResourceName, settings.Greeting);
            await Task.Delay(Timeout.InfiniteTimeSpan, time, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The AppHost stops.
        }
        catch (Exception e) when (e is IOException or DistributedApplicationException)
        {
            // The system runs without it.
            logs.Write(DashboardResource.ResourceName, e.Message, isErrorMessage: true);
        }
    }
}
