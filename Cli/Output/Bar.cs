using Spectre.Console;

namespace Sluice.Cli.Output;

/// <summary>A bar that fills from the left.</summary>
internal static class Bar
{
    private const int Shortest = 10;
    private const int Longest = 40;

    /// <param name="share">0 to 1.</param>
    /// <param name="room">Columns that the rest of its line needs.</param>
    public static Markup Of(double share, Color color, IAnsiConsole console, int room)
    {
        var width = Math.Clamp(console.Profile.Width - room, Shortest, Longest);
        var full = (int)(Math.Clamp(share, 0, 1) * width);
        var (done, open) = console.Profile.Capabilities.Unicode ? ('━', '─') : ('#', '-');
        return new Markup($"[{color.ToMarkup()}]{new string(done, full)}[/][grey]{new string(open, width - full)}[/]");
    }
}
