using System.Text.Json;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>What <c>Properties/launchSettings.json</c> says of a project's first profile that runs the project itself.</summary>
internal sealed record LaunchProfile(string? ApplicationUrl, string? CommandLineArgs, IReadOnlyDictionary<string, string> EnvironmentVariables) : IResourceAnnotation
{
    private static readonly JsonDocumentOptions lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <param name="projectFolder">Where the project file lies.</param>
    /// <param name="name">The profile; null: the first one.</param>
    /// <exception cref="DistributedApplicationException">There is no profile of that name, or the file is not JSON.</exception>
    public static LaunchProfile? Find(string projectFolder, string? name = null)
    {
        var file = Path.Combine(projectFolder, "Properties", "launchSettings.json");
        if (!File.Exists(file))
            return null;
        try
        {
            using var settings = JsonDocument.Parse(File.ReadAllText(file), lenient);
            if (settings.RootElement.TryGetProperty("profiles", out var profiles))
            {
                foreach (var profile in profiles.EnumerateObject())
                {
                    if (name is null ? Text(profile.Value, "commandName") == "Project" : profile.NameEquals(name))
                        return Read(profile.Value);
                }
            }
        }
        catch (JsonException e)
        {
            throw new DistributedApplicationException($"{file} is not JSON: {e.Message}", e);
        }
        return name is null ? null : throw new DistributedApplicationException($"{file} has no launch profile '{name}'.");
    }

    private static LaunchProfile Read(JsonElement profile) => new(
        Text(profile, "applicationUrl"),
        Text(profile, "commandLineArgs"),
        profile.TryGetProperty("environmentVariables", out var variables)
            ? variables.EnumerateObject().ToDictionary(variable => variable.Name, variable => variable.Value.GetString() ?? "")
            : new Dictionary<string, string>());

    private static string? Text(JsonElement profile, string property) =>
        profile.TryGetProperty(property, out var value) ? value.GetString() : null;
}
