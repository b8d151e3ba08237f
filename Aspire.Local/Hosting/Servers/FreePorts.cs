using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Aspire.Hosting.Servers;

/// <summary>
/// Picks TCP ports for children. They lie below the range from which the kernel serves outgoing connections, so that none
/// of those can take a port between its choice and its use, and are reserved: no two processes of this machine are given the same one.
/// </summary>
internal static class FreePorts
{
    private const int Lowest = 15_000;
    private const int Highest = 32_000;
    private static readonly List<Socket> reservations = [];

    /// <summary>A port that is free on loopback now and reserved for as long as this process lives.</summary>
    public static int Next()
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(Lowest, Highest);
            if (TryReserve(port) && IsFree(port))
                return port;
        }
    }

    /// <summary>Whether a listener could bind to the port on loopback, IPv4 and IPv6 (where the machine has it).</summary>
    public static bool IsFree(int port) =>
        CanBind(IPAddress.Loopback, port) && (!Socket.OSSupportsIPv6 || CanBind(IPAddress.IPv6Loopback, port));

    /// <summary>A name in the kernel, not in the file system: it goes when the process goes, however that ends.</summary>
    private static bool TryReserve(int port)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint($"\0aspire-local-port-{port}"));
        }
        catch (SocketException)
        {
            socket.Dispose();
            return false;
        }
        lock (reservations)
            reservations.Add(socket);
        return true;
    }

    private static bool CanBind(IPAddress address, int port)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            return true;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode == SocketError.AddressNotAvailable;
        }
    }
}
