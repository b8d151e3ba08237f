namespace Sluice.Gateway.Clients;

/// <summary>Configuration section <c>Clients</c>: who may call under a name of its own.</summary>
public sealed class ClientsOptions() : Dictionary<string, ClientOptions>(StringComparer.OrdinalIgnoreCase)
{
    public const string Section = "Clients";
}

public sealed class ClientOptions
{
    /// <summary>SHA-256 of the client's API key in 64 hexadecimal digits; no setting holds the key itself.</summary>
    public string KeySha256 { get; set; } = "";

    /// <summary>What the client may do beyond reading; see <see cref="Clients.Roles"/>.</summary>
    public IList<string> Roles { get; } = [];
}
