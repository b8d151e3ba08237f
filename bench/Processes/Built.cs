using System.Net;
using System.Net.Sockets;

namespace Sluice.Bench.Processes;

/// <summary>The services as the build of this bench leaves them, and where they may listen.</summary>
internal static class Built
{
    /// <summary>From bench/bin/Release/net10.0.</summary>
    private static readonly string repository = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", ".."));

    public static string Folder(string service) => Path.Combine(repository, service);

    public static string Program(string service) => Path.Combine(Folder(service), "bin", "Release", "net10.0", $"{service}.dll");

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
