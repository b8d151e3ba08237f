using System.Reflection;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>How an AppHost runs: for a person at a console, or for a test.</summary>
internal sealed record AppHostSettings
{
    /// <summary>A test's own telemetry goes nowhere.</summary>
    private const string DashboardVariables = "ASPIRE_DASHBOARD_";

    private HostApplicationBuilderSettings? hostSettings;

    private AppHostSettings(Assembly? assembly, string[] args)
    {
        AppHostAssembly = assembly;
        Args = args;
        AppHostDirectory = Metadata("apphostprojectpath") is { } folder && Directory.Exists(folder) ? folder : Directory.GetCurrentDirectory();
    }

    public Assembly? AppHostAssembly { get; }

    public string AppHostDirectory { get; }

    public string[] Args { get; }

    /// <summary>Lines of the resources and the table go to the console; the process watches its parent and its signals.</summary>
    public bool Interactive { get; private init; }

    /// <summary>All ports are free ones, those with a number of their own too.</summary>
    public bool RandomizePorts { get; private init; }

    public bool DisableDashboard { get; private init; }

    public EntryPointInterception? Interception { get; private init; }

    public string Name => AppHostAssembly?.GetName().Name ?? "AppHost";

    public string BuildConfiguration => AppHostAssembly?.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration is { Length: > 0 } named ? named : "Debug";

    public static AppHostSettings ForRun(DistributedApplicationOptions options) =>
        new(Assembly.GetEntryAssembly(), options.Args ?? []) { Interactive = true, DisableDashboard = options.DisableDashboard };

    public static AppHostSettings ForTest(
        Assembly? assembly, string[] args, EntryPointInterception? interception, Action<DistributedApplicationOptions, HostApplicationBuilderSettings>? configure)
    {
        var options = new DistributedApplicationOptions { Args = args, DisableDashboard = true };
        var settings = new AppHostSettings(assembly, args) { RandomizePorts = true, Interception = interception };
        settings.hostSettings = settings.CreateHostSettings();
        configure?.Invoke(options, settings.hostSettings);
        return settings with { DisableDashboard = options.DisableDashboard };
    }

    /// <summary>The program that the AppHost's build made of a project that it references.</summary>
    public string? ProgramOf(string projectPath) => Metadata("aspire-project-target:" + projectPath);

    /// <summary>The dashboard that was built with the AppHost.</summary>
    public string? DashboardProgram => Metadata("aspiredashboardpath") is { } program && File.Exists(program) ? program : null;

    public HostApplicationBuilderSettings ToHostSettings() => hostSettings ?? CreateHostSettings();

    private HostApplicationBuilderSettings CreateHostSettings() => new()
    {
        Args = Args,
        ApplicationName = Name,
        ContentRootPath = AppHostDirectory,
        EnvironmentName = RandomizePorts && Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT") is null ? Environments.Development : null,
    };

    /// <summary>A test finds what <c>dotnet run</c> takes from the launch profile.</summary>
    public void AddTo(ConfigurationManager configuration)
    {
        if (RandomizePorts && LaunchProfile.Find(AppHostDirectory) is { } profile)
            configuration.Sources.Insert(0, new Microsoft.Extensions.Configuration.Memory.MemoryConfigurationSource
            {
                InitialData = profile.EnvironmentVariables
                    .Where(variable => !variable.Key.StartsWith(DashboardVariables, StringComparison.Ordinal))
                    .ToDictionary(variable => variable.Key.Replace("__", ":", StringComparison.Ordinal), string? (variable) => variable.Value),
            });
    }

    private string? Metadata(string key) => AppHostAssembly?.GetCustomAttributes<AssemblyMetadataAttribute>()
        .FirstOrDefault(metadata => metadata.Key == key)?.Value;
}
