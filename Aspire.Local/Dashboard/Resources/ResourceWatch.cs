namespace Aspire.Dashboard.Resources;

/// <summary>Keeps the directory as the AppHost tells it.</summary>
internal sealed class ResourceWatch(AppHostClient appHost, ResourceDirectory directory, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan retryDelay = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (appHost.IsKnown)
        {
            try
            {
                await foreach (var resource in appHost.WatchAsync(stoppingToken))
                {
                    directory.Set(resource);
                    if (!directory.IsConnected)
                        directory.IsConnected = true;
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                // It starts, stops or is gone: pages say so.
            }
            directory.IsConnected = false;
            await Task.Delay(retryDelay, time, stoppingToken);
        }
    }
}
