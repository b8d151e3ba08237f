using System.Text.Json;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Primitives;

namespace Sluice.Gateway.Settings;

/// <summary>
/// The configuration's JSON files as one source, the later over the earlier. The framework's own sources forget a file whose edit cannot be
/// parsed, and show an edit to everybody before anybody has looked at it; this one keeps what it has until something better is published.
/// </summary>
internal sealed class SettingsFiles(IReadOnlyList<JsonConfigurationSource> files) : ConfigurationProvider, IConfigurationSource
{
    private SettingsEdit? inForce;

    /// <summary>Settings have been published, and whoever follows the configuration's change token has taken them up.</summary>
    public event Action? Published;

    /// <summary>So has whoever follows <see cref="Published"/>: now those who name what the others hold.</summary>
    public event Action? Settled;

    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    public override void Load()
    {
        if (inForce is null)
            Take(Read());
    }

    /// <summary>What the files hold now.</summary>
    /// <exception cref="InvalidDataException">One of them is gone or cannot be read; the message says which.</exception>
    public SettingsEdit Read()
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        List<string> present = [];
        foreach (var file in files)
        {
            var path = file.Path!;
            var found = file.FileProvider!.GetFileInfo(path);
            if (!found.Exists && (!file.Optional || inForce?.Files.Contains(path) == true))
                throw new InvalidDataException($"{path} is gone");
            if (!found.Exists)
                continue;

            present.Add(path);
            try
            {
                using var stream = found.CreateReadStream();
                foreach (var (key, value) in new ParsedFile(stream).Values)
                    values[key] = value;
            }
            catch (Exception exception) when (exception is JsonException or FormatException or IOException or UnauthorizedAccessException)
            {
                throw new InvalidDataException($"{path} cannot be read: {exception.Message}", exception);
            }
        }

        return new(values, present);
    }

    public bool IsInForce(SettingsEdit edit) => inForce!.IsLike(edit);

    public void Publish(SettingsEdit edit)
    {
        Take(edit);
        OnReload();
        Published?.Invoke();
        Settled?.Invoke();
    }

    /// <summary>Signals one change of any of the files, however it is made: written in place, or replaced by another.</summary>
    public IChangeToken Watch() => new CompositeChangeToken([.. files.Where(file => file.ReloadOnChange).Select(file => file.FileProvider!.Watch(file.Path!))]);

    private void Take(SettingsEdit edit) => (inForce, Data) = (edit, edit.Values);

    private sealed class ParsedFile : JsonStreamConfigurationProvider
    {
        public ParsedFile(Stream json)
            : base(new JsonStreamConfigurationSource { Stream = json }) => Load();

        public IDictionary<string, string?> Values => Data;
    }
}

/// <summary>What the files hold.</summary>
/// <param name="Values">Settings by their path.</param>
/// <param name="Files">The files that are there.</param>
internal sealed record SettingsEdit(IDictionary<string, string?> Values, IReadOnlyList<string> Files)
{
    public bool IsLike(SettingsEdit other) =>
        Files.SequenceEqual(other.Files, StringComparer.Ordinal)
        && Values.Count == other.Values.Count
        && Values.All(setting => other.Values.TryGetValue(setting.Key, out var value) && value == setting.Value);
}
