using System.Text.RegularExpressions;

namespace Aspire.Hosting.Orchestration;

/// <summary>Lines of many writers on one console: each with its writer's name in front, in a colour of its own. Thread-safe.</summary>
internal sealed partial class ConsoleLines(TextWriter console, bool colour)
{
    private static readonly int[] colours = [36, 33, 32, 35, 34, 96, 93, 92, 95, 94];
    private readonly Lock sync = new();
    private readonly Dictionary<string, int> colourOf = [];
    private int width = 12;

    /// <summary>Colour is for terminals, and for those who do not refuse it (https://no-color.org).</summary>
    public static bool MayColour => !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    /// <summary>How long the longest name is.</summary>
    public void Align(int longest)
    {
        lock (sync)
            width = Math.Max(width, longest);
    }

    public void Write(string line)
    {
        lock (sync)
            console.WriteLine(line);
    }

    public void Write(string name, string line)
    {
        lock (sync)
        {
            if (!colourOf.TryGetValue(name, out var number))
                colourOf[name] = number = colours[colourOf.Count % colours.Length];
            var prefix = name.PadRight(width) + " | ";
            console.WriteLine(colour ? $"\e[{number}m{prefix}\e[0m{line}" : prefix + Escapes().Replace(line, ""));
        }
    }

    [GeneratedRegex("\\e\\[[0-9;]*[A-Za-z]")]
    private static partial Regex Escapes();
}
