namespace Aspire.Hosting.ApplicationModel;

/// <summary>A port on which a resource listens. There is no proxy in between: each replica has its own port.</summary>
public sealed class EndpointAnnotation : IResourceAnnotation
{
    internal EndpointAnnotation(string name, string uriScheme, int? port = null, int? targetPort = null)
    {
        Name = name;
        UriScheme = uriScheme;
        Port = port;
        TargetPort = targetPort;
    }

    public string Name { get; set; }

    public string UriScheme { get; set; }

    /// <summary>The port that others use; null: a free one.</summary>
    public int? Port { get; set; }

    /// <summary>The port on which the program listens whatever it is told; null: it follows <see cref="Port"/>.</summary>
    public int? TargetPort { get; set; }

    public string TargetHost { get; set; } = "localhost";

    public bool IsExternal { get; set; }

    public bool IsProxied { get; set; } = true;

    /// <summary>The environment variable that tells the program its port.</summary>
    internal string? EnvironmentVariable { get; set; }

    /// <summary>The port of each replica, once the cluster starts.</summary>
    internal IReadOnlyList<int> Ports { get; set; } = [];

    internal string UrlOf(int replica) => $"{UriScheme}://{TargetHost}:{Ports[replica]}";
}
