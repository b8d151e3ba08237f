using System.Net;
using System.Net.Sockets;

namespace Sluice.Gateway.Clients;

/// <summary>
/// The partition of an address. One IPv6 subscriber has at least a /64 of addresses to call from, so all of them are one caller.
/// </summary>
public static class AddressPartition
{
    private const int PrefixBytes = 8;

    public static string Of(IPAddress? address)
    {
        if (address is null)
            return "ip:unknown";
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return $"ip:{address}";

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[PrefixBytes..].Clear();
        return $"ip:{new IPAddress(bytes)}/64";
    }
}
