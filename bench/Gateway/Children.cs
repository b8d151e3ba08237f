using System.Globalization;
using Yarp.ReverseProxy.Configuration;

namespace Sluice.Bench.Gateway;

/// <summary>What the gateway stands between and is compared with, each in a process of its own.</summary>
internal static class Children
{
    /// <summary>Answers at once, so that the proxy in front is what is measured.</summary>
    public static async Task<int> UpstreamAsync(string port)
    {
        var builder = WebApplication.CreateSlimBuilder([$"--urls=http://127.0.0.1:{port}"]);
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        app.MapGet("/api/items/{id}", (int id) => Results.Text(
            string.Create(CultureInfo.InvariantCulture, $$"""{"id":{{id}},"name":"Item {{id}}","description":"About as long as one is.","price":12.34}"""), "application/json"));
        await app.RunAsync();
        return 0;
    }

    /// <summary>YARP with the same route to the same upstream, and nothing else.</summary>
    public static async Task<int> BareProxyAsync(string port, string upstream)
    {
        var builder = WebApplication.CreateSlimBuilder([$"--urls=http://127.0.0.1:{port}"]);
        builder.Logging.ClearProviders();
        builder.Services.AddReverseProxy().LoadFromMemory(
            [new RouteConfig { RouteId = "items", ClusterId = "items", Match = new RouteMatch { Path = "/api/items/{**rest}", Methods = ["GET", "HEAD"] } }],
            [new ClusterConfig { ClusterId = "items", Destinations = new Dictionary<string, DestinationConfig> { ["items"] = new() { Address = upstream } } }]);
        await using var app = builder.Build();
        app.MapReverseProxy();
        await app.RunAsync();
        return 0;
    }
}
