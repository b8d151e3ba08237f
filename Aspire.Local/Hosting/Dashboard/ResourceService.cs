using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Dashboard;

/// <summary>What the AppHost tells its dashboard, over HTTP on loopback, to whoever has the key: streams of JSON lines, and commands.</summary>
internal sealed class ResourceService
{
    private const string KeyHeader = "x-resource-service-api-key";

    /// <summary>How often a console's watcher gets new lines.</summary>
    private static readonly TimeSpan consoleInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>Then what does not stop by itself is killed.</summary>
    private static readonly TimeSpan commandMayTake = TimeSpan.FromSeconds(10);

    private readonly byte[] key;
    private readonly ResourceNotificationService notifications;
    private readonly ResourceLoggerService logs;
    private readonly ResourceCommandService commands;
    private readonly TimeProvider time;

    private ResourceService(DashboardSettings settings, ResourceNotificationService notifications, ResourceLoggerService logs, ResourceCommandService commands, TimeProvider time)
    {
        key = Encoding.UTF8.GetBytes(settings.ResourceServiceApiKey);
        (this.notifications, this.logs, this.commands, this.time) = (notifications, logs, commands, time);
    }

    public static WebApplication Create(
        DashboardSettings settings, ResourceNotificationService notifications, ResourceLoggerService logs, ResourceCommandService commands, TimeProvider time)
    {
        // Nothing of the AppHost's own configuration applies to it.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "AppHost" });
        builder.WebHost.UseKestrelCore().UseUrls(settings.ResourceServiceUrl);
        builder.Services.AddRouting();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        new ResourceService(settings, notifications, logs, commands, time).Map(app);
        return app;
    }

    private void Map(WebApplication app)
    {
        app.Use(RequireKeyAsync);
        app.UseRouting();
        app.MapGet("/resources", (RequestDelegate)WatchAsync);
        app.MapGet("/resources/{id}/console", (RequestDelegate)WatchConsoleAsync);
        app.MapPost("/resources/{id}/commands/{name}", (RequestDelegate)ExecuteAsync);
    }

    private Task RequireKeyAsync(HttpContext context, RequestDelegate next)
    {
        if (CryptographicOperations.FixedTimeEquals(key, Encoding.UTF8.GetBytes(context.Request.Headers[KeyHeader].ToString())))
            return next(context);
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        return Task.CompletedTask;
    }

    private async Task WatchAsync(HttpContext context)
    {
        await foreach (var update in notifications.WatchAsync(context.RequestAborted))
        {
            if (update.Resource is not DashboardResource)
                await WriteLineAsync(context.Response, JsonSerializer.Serialize(ResourceDescription.Of(update), ResourceJson.Default.ResourceMessage));
        }
    }

    // Looks for lines instead of being told: a slow reader makes nothing pile up here.
    private async Task WatchConsoleAsync(HttpContext context)
    {
        var id = Route(context, "id");
        using var timer = new PeriodicTimer(consoleInterval, time);
        var last = 0;
        do
        {
            var lines = logs.After(id, last);
            if (lines.Count == 0)
                continue;
            last = lines[^1].LineNumber;
            ConsoleLine[] message = [.. lines.Select(line => new ConsoleLine(line.LineNumber, line.Content, line.IsErrorMessage))];
            await WriteLineAsync(context.Response, JsonSerializer.Serialize(message, ResourceJson.Default.ConsoleLineArray));
        }
        while (await timer.WaitForNextTickAsync(context.RequestAborted));
    }

    private async Task ExecuteAsync(HttpContext context)
    {
        // Not the request's: who looks away has not said "at once".
        using var patience = new CancellationTokenSource(commandMayTake, time);
        var result = await commands.ExecuteCommandAsync(Route(context, "id"), Route(context, "name"), patience.Token);
        await context.Response.WriteAsync(JsonSerializer.Serialize(new CommandOutcome(result.Success, result.ErrorMessage), ResourceJson.Default.CommandOutcome));
    }

    private static string Route(HttpContext context, string name) => (string)context.GetRouteValue(name)!;

    private static async Task WriteLineAsync(HttpResponse response, string line)
    {
        await response.WriteAsync(line + "\n", response.HttpContext.RequestAborted);
        await response.Body.FlushAsync(response.HttpContext.RequestAborted);
    }
}
