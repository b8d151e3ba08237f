using System.Net;
using System.Net.Sockets;

namespace Sluice.Testing;

/// <summary>A fixed host port, so that a container keeps its address over a restart.</summary>
internal static class ContainerPort
{
    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
