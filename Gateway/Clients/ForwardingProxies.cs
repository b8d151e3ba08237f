using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using Sluice.ServiceDefaults.Startup;
using IPNetwork = System.Net.IPNetwork;

namespace Sluice.Gateway.Clients;

/// <summary>Configuration section <c>ForwardedHeaders</c>: whose <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c> are believed.</summary>
public sealed class ForwardingProxies
{
    public const string Section = "ForwardedHeaders";

    /// <summary>Addresses (<c>10.0.0.7</c>) and networks (<c>10.0.0.0/8</c>) of proxies in front of the gateway; nobody else's word counts.</summary>
    public IList<string> Proxies { get; } = [];

    internal static void Check(ForwardingProxies options, OptionFaults faults)
    {
        for (var index = 0; index < options.Proxies.Count; index++)
            faults.Require(
                IPAddress.TryParse(options.Proxies[index], out _) || IPNetwork.TryParse(options.Proxies[index], out _),
                string.Create(CultureInfo.InvariantCulture, $"{nameof(Proxies)}:{index}"),
                $"must be an IP address or a network such as 10.0.0.0/8, is '{options.Proxies[index]}'");
    }

    /// <summary>Walks the header from its end for as long as the hops are known proxies, however many there are.</summary>
    internal ForwardedHeadersOptions ToMiddlewareOptions()
    {
        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = null };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var proxy in Proxies)
        {
            if (IPAddress.TryParse(proxy, out var address))
                options.KnownProxies.Add(address);
            else
                options.KnownIPNetworks.Add(IPNetwork.Parse(proxy));
        }

        return options;
    }
}
