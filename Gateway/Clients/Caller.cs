using System.Security.Claims;

namespace Sluice.Gateway.Clients;

/// <summary>Who a request counts for: a registered client by its name, anybody else by the address.</summary>
public sealed class Caller
{
    private Caller(string partition, ClaimsPrincipal principal, string? name = null, string? roles = null, bool gaveUnknownKey = false)
    {
        Partition = partition;
        Principal = principal;
        Name = name;
        Roles = roles;
        GaveUnknownKey = gaveUnknownKey;
    }

    private static readonly ClaimsPrincipal nobody = new(new ClaimsIdentity());

    /// <summary>What limits are counted by.</summary>
    public string Partition { get; }

    public ClaimsPrincipal Principal { get; }

    /// <summary>Null unless registered.</summary>
    public string? Name { get; }

    /// <summary>The registered client's roles with commas between; null if it has none.</summary>
    public string? Roles { get; }

    public bool GaveUnknownKey { get; }

    /// <summary>The request's caller, once <see cref="CallerIdentity"/> has run.</summary>
    public static Caller Of(HttpContext context) =>
        context.Features.Get<Caller>() ?? throw new InvalidOperationException("The caller is asked for before it is known.");

    public static Caller Registered(string name, IReadOnlyCollection<string> roles) => new(
        $"client:{name}",
        new ClaimsPrincipal(new ClaimsIdentity(
            [new Claim(ClaimTypes.Name, name), .. roles.Select(role => new Claim(ClaimTypes.Role, role))], authenticationType: "ApiKey")),
        name,
        roles.Count == 0 ? null : string.Join(',', roles));

    public static Caller Unregistered(string addressPartition, bool gaveUnknownKey) =>
        new(addressPartition, nobody, gaveUnknownKey: gaveUnknownKey);
}
