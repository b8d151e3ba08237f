using System.CommandLine;

namespace Sluice.Cli.Connection;

/// <summary>Which gateway, and who asks. Options come before the environment, and that before the config file.</summary>
/// <param name="Gateway">Ends with a slash.</param>
/// <param name="Key">Null: nobody in particular.</param>
/// <param name="Warnings">What whoever runs the command should know.</param>
internal sealed record ConnectionSettings(Uri Gateway, string? Key, IReadOnlyList<string> Warnings)
{
    public const string GatewayVariable = "SLUICE_GATEWAY";
    public const string KeyVariable = "SLUICE_KEY";
    public const string ConfigVariable = "SLUICE_CONFIG";

    private const string Default = "http://localhost:8080";

    /// <exception cref="CommandFailure">The config file or the address is faulty.</exception>
    public static ConnectionSettings Of(ParseResult parsed, ConnectionOptions options, Surroundings surroundings)
    {
        var named = parsed.GetValue(options.Config) ?? surroundings.Setting(ConfigVariable);
        var path = named ?? DefaultConfig(surroundings);
        var file = ConfigFile.Read(path, isNeeded: named is not null);

        var (address, source) =
            parsed.GetValue(options.Gateway) is { } option ? (option, "--gateway")
            : surroundings.Setting(GatewayVariable) is { } variable ? (variable, GatewayVariable)
            : file.Gateway is { } configured ? (configured, path)
            : (Default, "");
        if (!Uri.TryCreate(address.TrimEnd('/') + "/", UriKind.Absolute, out var gateway) || gateway.Scheme is not ("http" or "https"))
            throw new CommandFailure(ExitCode.Usage, $"{source}: '{address}' is no address of a gateway, such as {Default}.");

        var key = parsed.GetValue(options.Key) ?? surroundings.Setting(KeyVariable) ?? file.Key;
        if (key is not null && key.Any(letter => char.IsControl(letter) || !char.IsAscii(letter)))
            throw new CommandFailure(ExitCode.Usage, "The key has characters that no header can carry.");
        return new(gateway, key, file.Warnings);
    }

    private static string DefaultConfig(Surroundings surroundings) => Path.Combine(
        surroundings.Setting("XDG_CONFIG_HOME") ?? Path.Combine(surroundings.Setting("HOME") ?? "/", ".config"), "sluice", "config.json");
}
