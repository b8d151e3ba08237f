using System.Net;
using System.Security.Claims;

namespace Sluice.Gateway.Clients;

/// <summary>Who a request counts for: a registered client by its name, anybody else by the address.</summary>
public sealed class Caller
{
    /// <summary>What the partition of a registered client begins with.</summary>
    public const string Prefix = "client:";

    private static readonly object item = new();

    private readonly IPAddress? address;

    private Caller(IPAddress? address) => this.address = address;

    /// <summary>What limits are counted by. Made when it is asked for: many requests are counted by nothing.</summary>
    public string Partition => field ??= AddressPartition.Of(address);

    /// <summary>Null unless registered.</summary>
    public ClaimsPrincipal? Principal { get; private init; }

    /// <summary>Null unless registered.</summary>
    public string? Name { get; private init; }

    /// <summary>The registered client's roles with commas between; null if it has none.</summary>
    public string? Roles { get; private init; }

    public bool GaveUnknownKey { get; private init; }

    /// <summary>The request's caller, once <see cref="CallerIdentity"/> has run.</summary>
    public static Caller Of(HttpContext context) =>
        context.Items[item] as Caller ?? throw new InvalidOperationException("The caller is asked for before it is known.");

    /// <summary>Makes it the request's caller.</summary>
    public void Sends(HttpContext context)
    {
        context.Items[item] = this;
        if (Principal is not null)
            context.User = Principal;
    }

    public static Caller Registered(string name, IReadOnlyCollection<string> roles) => new(name)
    {
        Principal = new ClaimsPrincipal(new ClaimsIdentity(
            [new Claim(ClaimTypes.Name, name), .. roles.Select(role => new Claim(ClaimTypes.Role, role))], authenticationType: "ApiKey")),
        Roles = roles.Count == 0 ? null : string.Join(',', roles),
    };

    public static Caller Unregistered(IPAddress? address, bool gaveUnknownKey) => new(address) { GaveUnknownKey = gaveUnknownKey };

    private Caller(string name) => (Name, Partition) = (name, Prefix + name);
}
