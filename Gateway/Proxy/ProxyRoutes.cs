using Yarp.ReverseProxy.Configuration;

namespace Sluice.Gateway.Proxy;

/// <summary>The routes and clusters of configuration section <c>ReverseProxy</c>.</summary>
internal sealed class ProxyRoutes
{
    public const string Section = "ReverseProxy";

    public IReadOnlyList<RouteConfig> Routes { get; set; } = [];

    public IReadOnlyList<ClusterConfig> Clusters { get; set; } = [];

    /// <summary>Why the section could not be read; null if it could.</summary>
    public string? Unreadable { get; set; }

    /// <summary>Reads the section as YARP does. YARP keeps its reader to itself, so one of its providers is made for the purpose.</summary>
    public void Read(IConfiguration configuration)
    {
        var services = new ServiceCollection().AddLogging();
        services.AddReverseProxy().LoadFromConfig(configuration.GetSection(Section));
        using var yarp = services.BuildServiceProvider();
        try
        {
            var read = yarp.GetRequiredService<IProxyConfigProvider>().GetConfig();
            (Routes, Clusters) = (read.Routes, read.Clusters);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException or OverflowException)
        {
            Unreadable = e.Message;
        }
    }
}
