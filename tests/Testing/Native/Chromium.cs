using Aspire.Hosting.Servers;

namespace Sluice.Testing;

/// <summary>The browser of the machine, by whatever name; where there is none it is installed as servers are.</summary>
public static class Chromium
{
    private static readonly string[] names = ["chromium", "chromium-browser", "google-chrome"];

    /// <returns>Where it is, or why there is none.</returns>
    public static async Task<(string? Path, string? WhyNot)> FindAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await ServerPrograms.FindAsync(Find, "chromium", NativeHost.Options("browser"), cancellationToken), null);
        }
        catch (ServerStartException exception)
        {
            return (null, exception.Message);
        }
    }

    private static string? Find() => names.Select(name => ServerPrograms.InFolders(name)).FirstOrDefault(path => path is not null);
}
