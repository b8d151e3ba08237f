using System.Net;
using System.Net.Sockets;

namespace Sluice.ItemApi.Orders;

/// <summary>
/// Who places an order, as the gateway tells it: a registered client by name, anybody else by the address. A registered client answers for
/// the buyers that it names, each of which counts by itself. Where anybody else names one, the address counts all the same: otherwise who
/// makes up names would have a new limit with each.
/// </summary>
/// <param name="Id">The partition that the gateway limits the caller by.</param>
internal readonly record struct CallingClient(string Id, bool IsRegistered, bool IsOperator)
{
    private const int NetworkBytes = 8;

    public static CallingClient Of(HttpRequest request)
    {
        string? name = request.Headers["X-Client"];
        string? roles = request.Headers["X-Client-Roles"];
        return string.IsNullOrEmpty(name)
            ? new CallingClient(AddressOf(request), IsRegistered: false, IsOperator: false)
            : new CallingClient($"client:{name}", IsRegistered: true, roles?.Split(',').Contains("operator") == true);
    }

    /// <summary>Who an order counts for where a sale has a limit per buyer.</summary>
    public string BuyerOf(string? named) => IsRegistered && named is not null ? $"{Id}/{named}" : Id;

    private static string AddressOf(HttpRequest request)
    {
        string? forwarded = request.Headers["X-Forwarded-For"];
        var address = IPAddress.TryParse(forwarded, out var told) ? told : request.HttpContext.Connection.RemoteIpAddress;
        if (address is null)
            return "ip:unknown";
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return $"ip:{address}";

        // One subscriber has at least a /64 to call from.
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[NetworkBytes..].Clear();
        return $"ip:{new IPAddress(bytes)}/64";
    }
}
