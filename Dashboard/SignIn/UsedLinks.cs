using Microsoft.Extensions.Options;

namespace Sluice.Dashboard.SignIn;

/// <summary>
/// Remembers used tokens on disk: the configured one comes again with every restart, and would sign in again. One empty file each, named by the
/// token's hash.
/// </summary>
internal sealed class UsedLinks(IOptions<DashboardOptions> options)
{
    private string Folder => Path.Combine(options.Value.Folder, "used-links");

    public bool Contains(string hash) => File.Exists(Path.Combine(Folder, hash));

    /// <returns>False where it was there already, whichever process put it there.</returns>
    public bool TryAdd(string hash)
    {
        PrivateFolder.Create(Folder);
        try
        {
            using var mark = new FileStream(Path.Combine(Folder, hash), FileMode.CreateNew);
            return true;
        }
        catch (IOException) when (Contains(hash))
        {
            return false;
        }
    }
}
