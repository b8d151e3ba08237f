using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Aspire.Hosting.Servers;

/// <summary>
/// Picks TCP ports for children. They lie below the range from which the kernel serves outgoing connections, so that none
/// of those can take a port between its choice and its use, and are drawn at random, so that two clusters seldom meet.
/// </summary>
internal static class FreePorts
{
    private const int Lowest = 15_000;
    private const int Highest = 32_000;
    private static readonly HashSet<int> given = [];

    /// <summary>A port that is free on loopback now and was not given before in this process.</summary>
    public static int Next()
    {
        lock (given)
        {
            while (true)
            {
                var port = RandomNumberGenerator.GetInt32(Lowest, Highest);
                if (!given.Contains(port) && IsFree(port))
                {
                    given.Add(port);
                    return port;
                }
            }
        }
    }

    /// <summary>Whether a listener could bind to the port on loopback, IPv4 and IPv6 (where the machine has it).</summary>
    public static bool IsFree(int port) =>
        CanBind(IPAddress.Loopback, port) && (!Socket.OSSupportsIPv6 || CanBind(IPAddress.IPv6Loopback, port));

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
