using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Sluice.Gateway.Clients;

/// <summary>
/// The partition of an address. One IPv6 subscriber has at least a /64 of addresses to call from, so all of them are one caller.
/// </summary>
public static class AddressPartition
{
    public const string Prefix = "ip:";

    private const string Network = "/64";
    private const int PrefixBytes = 8;

    public static string Of(IPAddress? address)
    {
        if (address is null)
            return $"{Prefix}unknown";
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return $"{Prefix}{address}";

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[PrefixBytes..].Clear();
        return $"{Prefix}{new IPAddress(bytes)}{Network}";
    }

    /// <summary>The partition of an address as somebody writes it, or of a partition of this kind as it is written here.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out string? partition)
    {
        partition = null;
        var isPrefixed = text.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);
        var address = isPrefixed ? text.AsSpan(Prefix.Length) : text;
        if (isPrefixed && address is "unknown")
            partition = Of(null);
        else if (address.Contains(':') && address.EndsWith(Network))
            address = address[..^Network.Length];

        // The framework takes a bare number for an address too.
        if ((address.Contains(':') || address.Count('.') == 3) && IPAddress.TryParse(address, out var parsed))
            partition = Of(parsed);
        return partition is not null;
    }
}
