using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Sluice.EndToEnd.Tests;

/// <summary>Stands between the import and the gateway and writes down what came, and what the gateway answered.</summary>
internal sealed class RecordingProxy : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentQueue<(string PathAndQuery, HttpStatusCode Status)> answers = new();

    private readonly ConcurrentQueue<(string Caller, long Timestamp)> arrivals = new();

    private RecordingProxy(WebApplication app) => this.app = app;

    /// <summary>When requests came, by the key that they carried, on <see cref="System.Diagnostics.Stopwatch"/>'s clock.</summary>
    public IReadOnlyCollection<(string Caller, long Timestamp)> Arrivals => arrivals;

    public IReadOnlyCollection<(string PathAndQuery, HttpStatusCode Status)> Answers => answers;

    public string Address => app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single();

    /// <summary>Where requests go; known once the gateway runs.</summary>
    public Uri? Target { get; set; }

    public static async Task<RecordingProxy> StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var proxy = new RecordingProxy(builder.Build());
        var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        proxy.app.Run(context => proxy.ForwardAsync(client, context));
        await proxy.app.StartAsync(cancellationToken);
        return proxy;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task ForwardAsync(HttpClient client, HttpContext context)
    {
        arrivals.Enqueue((context.Request.Headers["X-API-Key"].ToString(), Stopwatch.GetTimestamp()));
        var pathAndQuery = context.Request.Path + context.Request.QueryString;
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Target!, pathAndQuery));
        foreach (var name in (string[])["X-API-Key", "traceparent", "tracestate"])
            request.Headers.TryAddWithoutValidation(name, context.Request.Headers[name].AsEnumerable());

        using var response = await TrySendAsync(client, request, context.RequestAborted);
        answers.Enqueue((pathAndQuery, response.StatusCode));
        context.Response.StatusCode = (int)response.StatusCode;
        context.Response.ContentType = response.Content.Headers.ContentType?.ToString();
        foreach (var header in response.Headers.Where(header => header.Key.Contains("Rate", StringComparison.Ordinal) || header.Key is "Retry-After" or "Link"))
            context.Response.Headers[header.Key] = header.Value.ToArray();
        await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    private static async Task<HttpResponseMessage> TrySendAsync(HttpClient client, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await client.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException)
        {
            // The gateway is away.
            return new HttpResponseMessage(HttpStatusCode.BadGateway);
        }
    }
}
