namespace Aspire.Hosting.ApplicationModel;

/// <summary>A server. Aspire runs it in a container; here it is a process of this machine.</summary>
public class ContainerResource : Resource, IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints, IResourceWithWaitSupport
{
    private protected ContainerResource(string name) : base(name)
    {
    }

    /// <summary>Adds the endpoint on which the server listens: on 127.0.0.1 alone.</summary>
    internal EndpointReference AddServerEndpoint(string name, string scheme, int? port = null)
    {
        Annotations.Add(new EndpointAnnotation(name, scheme, port) { TargetHost = "127.0.0.1" });
        return this.GetEndpoint(name);
    }
}

public enum ContainerLifetime
{
    Session,
    Persistent,
}

public sealed class ContainerLifetimeAnnotation : IResourceAnnotation
{
    public required ContainerLifetime Lifetime { get; set; }
}

/// <summary>The data outlive the cluster.</summary>
internal sealed record DataVolumeAnnotation(string Volume) : IResourceAnnotation;
