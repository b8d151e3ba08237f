using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Sluice.ServiceDefaults.Startup;

namespace Sluice.Gateway.Settings;

/// <summary>
/// Says whether the gateway would start with other settings: the checks of its start, all of them and no others, on a configuration that
/// nobody else has seen.
/// </summary>
/// <param name="services">What the gateway is made of.</param>
internal sealed class Rehearsal(IServiceCollection services)
{
    /// <param name="live">The configuration in force.</param>
    /// <param name="files">Its part that is to change.</param>
    /// <param name="edit">What that part is to be.</param>
    /// <param name="logs">Those of the gateway: a rehearsal opens none of its own.</param>
    public IReadOnlyList<string> FaultsOf(IConfigurationRoot live, SettingsFiles files, SettingsEdit edit, ILoggerFactory logs)
    {
        var candidate = new ConfigurationRoot(
            [.. live.Providers.Select(IConfigurationProvider (provider) => provider == files ? new Edited(edit) : new Unchanged(provider))]);
        var copy = new ServiceCollection { services };
        copy.AddSingleton<IConfiguration>(candidate);
        copy.AddSingleton(logs);
        using var gateway = copy.BuildServiceProvider();
        try
        {
            gateway.GetRequiredService<IStartupValidator>().Validate();
            return LogLevelFaults(candidate);
        }
        catch (StartupException refusal)
        {
            return [.. refusal.Faults, .. LogLevelFaults(candidate)];
        }
    }

    /// <summary>The logging library does not check its options; it throws when it meets them.</summary>
    private static List<string> LogLevelFaults(ConfigurationRoot candidate) =>
        [.. candidate.GetSection("Logging").AsEnumerable()
            .Where(setting => setting.Value is not null && setting.Key.Contains(":LogLevel:", StringComparison.OrdinalIgnoreCase)
                && !Enum.TryParse<LogLevel>(setting.Value, ignoreCase: true, out _))
            .Select(setting => $"{setting.Key} must be one of {string.Join(", ", Enum.GetNames<LogLevel>())}, is '{setting.Value}'")];

    private sealed class Edited : ConfigurationProvider
    {
        public Edited(SettingsEdit edit) => Data = edit.Values;
    }

    /// <summary>A provider of the configuration in force that can be read and nothing else.</summary>
    private sealed class Unchanged(IConfigurationProvider provider) : IConfigurationProvider
    {
        public bool TryGet(string key, out string? value) => provider.TryGet(key, out value);

        public IEnumerable<string> GetChildKeys(IEnumerable<string> earlierKeys, string? parentPath) => provider.GetChildKeys(earlierKeys, parentPath);

        public IChangeToken GetReloadToken() => new CancellationChangeToken(CancellationToken.None);

        public void Load()
        {
        }

        public void Set(string key, string? value) => throw new NotSupportedException("A rehearsal changes nothing.");
    }
}
