namespace Microsoft.Extensions.ServiceDiscovery;

/// <summary>Sends a request to <c>http://name</c> to a replica of the service of that name.</summary>
internal sealed class ServiceDiscoveryHandler(ConfiguredEndpoints endpoints) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.RequestUri is not { } named)
            return await base.SendAsync(request, cancellationToken);

        request.RequestUri = endpoints.Resolve(named);
        try
        {
            return await base.SendAsync(request, cancellationToken);
        }
        finally
        {
            // A retry outside of this handler resolves the name again and so reaches another replica.
            request.RequestUri = named;
        }
    }
}
