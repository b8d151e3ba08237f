namespace Aspire.Hosting.Servers;

/// <summary>How one server is to run.</summary>
/// <param name="Name">The resource's name, for messages.</param>
/// <param name="DataFolder">An existing folder that belongs to this server alone.</param>
/// <param name="KeepData">Whether the data must survive a power cut: disk flushes are on.</param>
/// <param name="Port">TCP port on 127.0.0.1.</param>
/// <param name="Password">Password of the server's one account.</param>
/// <param name="InstallServers">Whether a missing program may be installed through the system's package manager.</param>
/// <param name="Output">Called for each line that the server writes.</param>
internal sealed record NativeServerOptions(
    string Name,
    string DataFolder,
    bool KeepData,
    int Port,
    string Password,
    bool InstallServers,
    Action<string> Output);
