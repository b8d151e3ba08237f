using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration;

namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    /// <summary>Lets the resource listen for HTTP.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="port">The port that others use; null: a free one.</param>
    /// <param name="targetPort">The port on which the program listens whatever it is told.</param>
    /// <param name="name">The endpoint's name; null: <c>http</c>.</param>
    /// <param name="env">The variable that tells the program its port; projects get <c>ASPNETCORE_URLS</c> besides.</param>
    /// <param name="isProxied">Without meaning here: there is no proxy.</param>
    /// <exception cref="DistributedApplicationException">There is an endpoint of that name.</exception>
    public static IResourceBuilder<T> WithHttpEndpoint<T>(
        this IResourceBuilder<T> builder,
        int? port = null,
        int? targetPort = null,
        string? name = null,
        string? env = null,
        bool? isProxied = null)
        where T : IResourceWithEndpoints
    {
        var endpoint = new EndpointAnnotation(name ?? "http", "http", port, targetPort) { EnvironmentVariable = env, IsProxied = isProxied ?? true };
        if (builder.Resource.GetEndpoint(endpoint.Name).Exists)
            throw new DistributedApplicationException($"Endpoint with name '{endpoint.Name}' already exists on resource '{builder.Resource.Name}'.");
        return builder.WithAnnotation(endpoint);
    }

    /// <summary>Changes an endpoint.</summary>
    public static IResourceBuilder<T> WithEndpoint<T>(this IResourceBuilder<T> builder, string endpointName, Action<EndpointAnnotation> callback, bool createIfNotExists = true)
        where T : IResourceWithEndpoints
    {
        var reference = builder.Resource.GetEndpoint(endpointName);
        if (!reference.Exists)
        {
            if (!createIfNotExists)
                return builder;
            builder.WithAnnotation(new EndpointAnnotation(endpointName, endpointName is "http" or "https" ? endpointName : "tcp"));
        }
        callback(reference.EndpointAnnotation);
        return builder;
    }

    /// <summary>Marks the HTTP endpoints as those that people outside use.</summary>
    public static IResourceBuilder<T> WithExternalHttpEndpoints<T>(this IResourceBuilder<T> builder)
        where T : IResourceWithEndpoints
    {
        foreach (var endpoint in builder.Resource.Annotations.OfType<EndpointAnnotation>().Where(endpoint => endpoint.UriScheme is "http" or "https"))
            endpoint.IsExternal = true;
        return builder;
    }

    public static EndpointReference GetEndpoint<T>(this IResourceBuilder<T> builder, string name)
        where T : IResourceWithEndpoints => builder.Resource.GetEndpoint(name);

    /// <summary>Counts the resource as healthy when a GET gives the status.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="path">Null: <c>/</c>.</param>
    /// <param name="statusCode">Null: 200.</param>
    /// <param name="endpointName">Null: <c>http</c>.</param>
    public static IResourceBuilder<T> WithHttpHealthCheck<T>(this IResourceBuilder<T> builder, string? path = null, int? statusCode = null, string? endpointName = null)
        where T : IResourceWithEndpoints
    {
        var (name, endpoint, status) = (builder.Resource.Name, endpointName ?? "http", statusCode ?? 200);
        return builder.WithAnnotation(new HttpHealthProbe(
            string.Create(CultureInfo.InvariantCulture, $"{name}_{endpoint}_{path ?? "/"}_{status}_check"), builder.GetEndpoint(endpoint), path ?? "/", status));
    }
}
