using Microsoft.Extensions.Options;

namespace Sluice.Dashboard.SignIn;

/// <summary>Writes the first link into the log.</summary>
internal sealed partial class FirstLink(
    LoginLinks links, IOptions<DashboardOptions> options, IConfiguration configuration, ILogger<FirstLink> logger) : IHostedService
{
    // The web server starts after all hosted services: whoever it answers finds the link. A BackgroundService would run beside it.
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var address = options.Value.PublicAddress?.ToString()
            ?? configuration["services:gateway:https:0"] ?? configuration["services:gateway:http:0"] ?? "";
        LogLink($"{address.TrimEnd('/')}{LoginLinks.Path}?t={links.CreateFirst()}");
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(1, LogLevel.Information, "Sign in, once, at {Link}", EventName = "FirstLink")]
    private partial void LogLink(string link);
}
