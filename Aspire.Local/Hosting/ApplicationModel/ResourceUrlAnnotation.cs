namespace Aspire.Hosting.ApplicationModel;

/// <summary>An address to show to people.</summary>
public sealed class ResourceUrlAnnotation : IResourceAnnotation
{
    public required string Url { get; set; }

    public string? DisplayText { get; set; }

    public EndpointReference? Endpoint { get; init; }
}

/// <summary>Changes the address that is shown for an endpoint.</summary>
internal sealed record EndpointUrlCallback(string EndpointName, Action<ResourceUrlAnnotation> Callback) : IResourceAnnotation;

/// <summary>Adds an address to those that are shown for an endpoint.</summary>
internal sealed record EndpointUrlAddition(string EndpointName, Func<EndpointReference, ResourceUrlAnnotation> Callback) : IResourceAnnotation;
