using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sluice.Gateway.Tests;

/// <summary>A folder with the shipped settings files, to edit.</summary>
internal sealed class SettingsFolder : IDisposable
{
    public const string Main = "appsettings.json";
    public const string Development = "appsettings.Development.json";

    private static readonly JsonDocumentOptions withComments = new() { CommentHandling = JsonCommentHandling.Skip };

    public SettingsFolder()
    {
        foreach (var file in (string[])[Main, Development])
            File.Copy(System.IO.Path.Combine(AppContext.BaseDirectory, file), PathOf(file));
    }

    public string Path { get; } = Directory.CreateTempSubdirectory("sluice-gateway-").FullName;

    /// <summary>Saves the file in place, in one write: whoever reads it sees the old text or the new one.</summary>
    public void Edit(Action<JsonNode> edit, string file = Main) => Write(Edited(edit, file), file);

    /// <summary>Saves the file as many editors do: another one is written and takes its name.</summary>
    public void Replace(Action<JsonNode> edit, string file = Main)
    {
        var fresh = PathOf($".{file}.new");
        File.WriteAllText(fresh, Edited(edit, file));
        File.Move(fresh, PathOf(file), overwrite: true);
    }

    public void Write(string text, string file = Main)
    {
        using var written = File.OpenHandle(PathOf(file), FileMode.OpenOrCreate, FileAccess.Write);
        RandomAccess.Write(written, Encoding.UTF8.GetBytes(text.PadRight((int)RandomAccess.GetLength(written))), fileOffset: 0);
    }

    public string Read(string file = Main) => File.ReadAllText(PathOf(file));

    public void Delete(string file = Main) => File.Delete(PathOf(file));

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private string PathOf(string file) => System.IO.Path.Combine(Path, file);

    private string Edited(Action<JsonNode> edit, string file)
    {
        var settings = JsonNode.Parse(Read(file), documentOptions: withComments)!;
        edit(settings);
        return settings.ToJsonString();
    }
}
