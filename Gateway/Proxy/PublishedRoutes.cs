using Sluice.Gateway.Settings;
using Yarp.ReverseProxy.Configuration;

namespace Sluice.Gateway.Proxy;

/// <summary>
/// Gives YARP its routes and clusters. YARP's own provider follows the configuration at once; routes follow last here, when the policies
/// that they name are in force.
/// </summary>
internal sealed class PublishedRoutes : IProxyConfigProvider, IDisposable
{
    private readonly IConfiguration configuration;
    private readonly SettingsFiles settings;
    private readonly InMemoryConfigProvider routes;

    public PublishedRoutes(IConfiguration configuration, SettingsFiles settings)
    {
        (this.configuration, this.settings) = (configuration, settings);
        var read = Read();
        routes = new(read.Routes, read.Clusters);
        settings.Settled += Follow;
    }

    public IProxyConfig GetConfig() => routes.GetConfig();

    public void Dispose() => settings.Settled -= Follow;

    private void Follow()
    {
        var read = Read();
        routes.Update(read.Routes, read.Clusters);
    }

    private ProxyRoutes Read()
    {
        var read = new ProxyRoutes();
        read.Read(configuration);
        return read;
    }
}
