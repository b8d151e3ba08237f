using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Orchestration;

/// <summary>
/// Stops the AppHost when the <c>dotnet run</c> that started it is gone, however it went.
/// Another parent, such as a shell, may leave it behind on purpose.
/// </summary>
internal sealed partial class ParentWatch(IHostApplicationLifetime lifetime, TimeProvider time, ILogger<ParentWatch> logger) : BackgroundService
{
    private static readonly TimeSpan interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!OperatingSystem.IsLinux())
            return;
        var parent = getppid();
        if (!IsDotnet(parent))
            return;

        using var timer = new PeriodicTimer(interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (getppid() != parent)
            {
                LogParentGone(parent);
                lifetime.StopApplication();
                return;
            }
        }
    }

    private static bool IsDotnet(int process)
    {
        try
        {
            return File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/comm")).Trim() == "dotnet";
        }
        catch (IOException)
        {
            return false;
        }
    }

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int getppid();

    [LoggerMessage(10, LogLevel.Warning, "The process that started this one ({Parent}) is gone: stopping.", EventName = "ParentGone")]
    private partial void LogParentGone(int parent);
}
