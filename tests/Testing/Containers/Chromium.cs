namespace Sluice.Testing;

/// <summary>The browser of the machine, by whatever name.</summary>
public static class Chromium
{
    private static readonly string[] names = ["chromium", "chromium-browser", "google-chrome"];

    /// <returns>Where it is, or why there is none.</returns>
    public static Task<(string? Path, string? WhyNot)> FindAsync(CancellationToken cancellationToken)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        var found = names.SelectMany(name => folders.Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
        return Task.FromResult((found, found is null ? $"No browser is in PATH; looked for: {string.Join(", ", names)}" : null));
    }
}
