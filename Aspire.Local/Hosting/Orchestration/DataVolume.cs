using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Servers;

namespace Aspire.Hosting.Orchestration;

/// <summary>A folder that outlives the cluster: a server's data, and beside them the password they were made with.</summary>
internal sealed class DataVolume : IDisposable
{
    private const UnixFileMode PassThrough = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly FileStream hold;

    private DataVolume(string data, FileStream hold)
    {
        DataFolder = data;
        this.hold = hold;
    }

    public string DataFolder { get; }

    /// <summary>Takes the volume for this cluster alone.</summary>
    /// <exception cref="DistributedApplicationException">Another cluster has it.</exception>
    public static DataVolume Take(string name)
    {
        var folder = FolderOf(name);
        var data = Create(Path.Combine(folder, "data"));
        try
        {
            return new DataVolume(data, new FileStream(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e)
        {
            throw new DistributedApplicationException($"the data volume '{name}' is in use by another cluster ({folder}): {e.Message}", e);
        }
    }

    /// <summary>The volume's password; made when it is asked for the first time.</summary>
    public static string PasswordOf(string name, Func<string> generate)
    {
        var file = Path.Combine(FolderOf(name), "password");
        if (File.Exists(file))
            return File.ReadAllText(file);
        var password = generate();
        PrivateFile.WriteAsync(file, password, CancellationToken.None).GetAwaiter().GetResult();
        return password;
    }

    public void Dispose() => hold.Dispose();

    internal static string FolderOf(string name)
    {
        if (name is "" or "." or ".." || name.AsSpan().ContainsAny('/', '\0'))
            throw new DistributedApplicationException($"'{name}' is not a name for a volume.");
        var root = Environment.IsPrivilegedProcess
            ? "/var/lib"
            : Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create);
        return Create(Path.Combine(Create(Path.Combine(root, "aspire-local")), name));
    }

    // PostgreSQL may run as another user: it must be able to pass through to its folder.
    private static string Create(string folder)
    {
        if (!Directory.Exists(folder))
            _ = OperatingSystem.IsWindows() ? Directory.CreateDirectory(folder) : Directory.CreateDirectory(folder, PassThrough);
        return folder;
    }
}

/// <summary>The password of a server that was given none: new in each run, or the volume's.</summary>
internal static class GeneratedPassword
{
    private const string Alphabet = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    private const int Length = 24;

    public static ParameterResource For(IDistributedApplicationBuilder builder, string server)
    {
        var name = $"{server}-password";
        return new ParameterResource(name, () => builder.Configuration[$"Parameters:{name}"] ?? PasswordOf(builder.Resources.First(resource => resource.Name == server)), secret: true);
    }

    private static string PasswordOf(IResource server) => server.TryGetLastAnnotation<DataVolumeAnnotation>(out var kept)
        ? DataVolume.PasswordOf(kept.Volume, Generate)
        : Generate();

    private static string Generate() => System.Security.Cryptography.RandomNumberGenerator.GetString(Alphabet, Length);
}
