using System.CommandLine;

namespace Sluice.Cli.Connection;

/// <summary>What every command takes.</summary>
internal sealed class ConnectionOptions
{
    public Option<string?> Gateway { get; } = new("--gateway", "-g") { Description = "Address of the gateway.", HelpName = "url", Recursive = true };

    public Option<string?> Key { get; } = new("--key", "-k")
    {
        Description = "Key of a client. Others on this machine can see it while the command runs: SLUICE_KEY and the config file hide it.",
        HelpName = "key",
        Recursive = true,
    };

    public Option<string?> Config { get; } = new("--config") { Description = "Config file.", HelpName = "file", Recursive = true };

    public Option<bool> Json { get; } = new("--json") { Description = "One JSON document; when watching, one per line.", Recursive = true };

    public IEnumerable<Option> All => [Gateway, Key, Config, Json];
}
