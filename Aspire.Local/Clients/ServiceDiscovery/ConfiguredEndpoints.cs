using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace Microsoft.Extensions.ServiceDiscovery;

/// <summary>Knows where services are from <c>services:NAME:SCHEME:0..N</c>, and hands out a service's replicas in turn. Thread-safe.</summary>
internal sealed class ConfiguredEndpoints : IDisposable
{
    private readonly IConfiguration configuration;
    private readonly ConcurrentDictionary<(string Schemes, string Host), Replicas> services = new();
    private readonly IDisposable reload;

    public ConfiguredEndpoints(IConfiguration configuration)
    {
        this.configuration = configuration;
        reload = ChangeToken.OnChange(configuration.GetReloadToken, services.Clear);
    }

    /// <summary>
    /// The address of the next replica with the path and query of <paramref name="uri"/>, whose scheme may list alternatives, the first
    /// preferred (<c>https+http</c>). A host that is no configured service stays what it is.
    /// </summary>
    public Uri Resolve(Uri uri)
    {
        var replicas = services.GetOrAdd((uri.Scheme, uri.Host), static (key, self) => self.Read(key.Schemes, key.Host), this);
        if (replicas.Next() is { } endpoint)
            return new UriBuilder(uri) { Scheme = endpoint.Scheme, Host = endpoint.Host, Port = endpoint.Port }.Uri;

        var plus = uri.Scheme.IndexOf('+', StringComparison.Ordinal);
        return plus < 0 ? uri : new UriBuilder(uri) { Scheme = uri.Scheme[..plus] }.Uri;
    }

    public void Dispose() => reload.Dispose();

    private Replicas Read(string schemes, string host)
    {
        foreach (var scheme in schemes.Split('+'))
        {
            var endpoints = configuration.GetSection($"services:{host}:{scheme}").GetChildren()
                .Select(entry => entry.Value)
                .Where(address => !string.IsNullOrWhiteSpace(address))
                .Select(address => new Uri(address!.Contains("://", StringComparison.Ordinal) ? address : $"{scheme}://{address}"))
                .ToArray();
            if (endpoints.Length > 0)
                return new Replicas(endpoints);
        }

        return new Replicas([]);
    }

    private sealed class Replicas(Uri[] endpoints)
    {
        private uint turn = uint.MaxValue;

        public Uri? Next() => endpoints.Length == 0 ? null : endpoints[Interlocked.Increment(ref turn) % endpoints.Length];
    }
}
