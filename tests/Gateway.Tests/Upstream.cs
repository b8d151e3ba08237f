using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Sluice.Gateway.Tests;

/// <summary>A service behind the gateway, on a real port, that keeps what it was sent.</summary>
internal sealed class Upstream : IAsyncDisposable
{
    public sealed record Received(string Method, string Target, Dictionary<string, string> Headers);

    private readonly WebApplication app;

    private Upstream(WebApplication app) => this.app = app;

    public ConcurrentQueue<Received> Requests { get; } = [];

    public string Address => app.Urls.First();

    public static async Task<Upstream> StartAsync(RequestDelegate? answer = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var upstream = new Upstream(builder.Build());
        upstream.app.Run(context =>
        {
            upstream.Requests.Enqueue(new Received(
                context.Request.Method,
                context.Request.Path + context.Request.QueryString,
                context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase)));
            return (answer ?? (static context => context.Response.WriteAsync("fine")))(context);
        });
        await upstream.app.StartAsync(TestContext.Current.CancellationToken);
        return upstream;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
