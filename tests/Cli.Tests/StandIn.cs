using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Sluice.Cli.Tests;

/// <summary>In the gateway's place, for what a gateway does on bad days only.</summary>
internal sealed class StandIn : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentQueue<Arrival> arrivals = new();

    private StandIn(WebApplication app) => this.app = app;

    public string Address => app.Urls.Single();

    public IReadOnlyList<Arrival> Arrivals => [.. arrivals];

    public static async Task<StandIn> StartAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var standIn = new StandIn(builder.Build());
        standIn.app.Run(context =>
        {
            var headers = context.Request.Headers;
            standIn.arrivals.Enqueue(new(
                context.Request.Method, context.Request.Path + context.Request.QueryString, headers["X-API-Key"].ToString(), headers["Last-Event-ID"].ToString()));
            return answer(context);
        });
        await standIn.app.StartAsync(TestContext.Current.CancellationToken);
        return standIn;
    }

    /// <summary>Answers with a status and a body.</summary>
    public static Task<StandIn> StartAsync(int status, string body, params (string Name, string Value)[] headers) => StartAsync(async context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/problem+json";
        foreach (var (name, value) in headers)
            context.Response.Headers[name] = value;
        await context.Response.WriteAsync(body);
    });

    public Shell Shell(bool isTerminal = false) => new(("SLUICE_GATEWAY", Address)) { IsTerminal = isTerminal };

    public ValueTask DisposeAsync() => app.DisposeAsync();
}

/// <summary>A request that came.</summary>
internal sealed record Arrival(string Method, string Path, string Key, string LastEventId);
