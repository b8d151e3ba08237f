using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Cli.Connection;

/// <summary>What the config file says.</summary>
internal sealed record ConfigFile(string? Gateway, string? Key, IReadOnlyList<string> Warnings)
{
    private const UnixFileMode ForOthers =
        UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private static readonly JsonSerializerOptions strict = new(JsonSerializerOptions.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    private sealed record Content(string? Gateway = null, string? Key = null);

    /// <param name="path">Where it is.</param>
    /// <param name="isNeeded">Whether somebody has named it.</param>
    /// <exception cref="CommandFailure">It is needed and isn't there, can't be read, or isn't as it should be.</exception>
    public static ConfigFile Read(string path, bool isNeeded)
    {
        if (!isNeeded && !File.Exists(path))
            return new(null, null, []);
        try
        {
            var content = JsonSerializer.Deserialize<Content>(File.ReadAllText(path), strict) ?? new Content();
            return new(content.Gateway, content.Key, content.Key is not null && IsForOthers(path)
                ? [$"Others can read the key in {path}: chmod 600 {path}"]
                : []);
        }
        catch (JsonException exception)
        {
            throw new CommandFailure(ExitCode.Usage, $$"""{{path}} isn't as {"gateway":"http://...","key":"..."}: {{exception.Message}}""");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure(ExitCode.Usage, $"The config file can't be read: {exception.Message}");
        }
    }

    private static bool IsForOthers(string path) => !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ForOthers) != 0;
}
