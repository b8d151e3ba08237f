using System.Diagnostics;

namespace Aspire.Hosting.Servers;

/// <summary>Finds a server's program, and installs its package where it is missing and the process may.</summary>
internal static class ServerPrograms
{
    // Packages would start their own services on the standard ports: a policy-rc.d that denies holds for the length of this
    // script, and only where the machine has none. flock: several processes may find the same program missing at once, and all but the
    // first come when it is there.
    private const string Install = """
        set -e
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" != installed ] || exit 0
        policy=/usr/sbin/policy-rc.d
        if [ ! -e "$policy" ]; then
          trap 'rm -f "$policy"' EXIT
          printf '#!/bin/sh\nexit 101\n' > "$policy"
          chmod 755 "$policy"
        fi
        export DEBIAN_FRONTEND=noninteractive
        apt-get update -qq
        apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 "$1"
        """;

    private static readonly SemaphoreSlim oneAtATime = new(1);

    /// <summary>Returns the program's path.</summary>
    /// <exception cref="ServerStartException">It is missing and can't be installed; the message holds the command to type.</exception>
    public static async Task<string> FindAsync(Func<string?> find, string package, NativeServerOptions options, CancellationToken cancellationToken)
    {
        if (find() is { } found)
            return found;

        await oneAtATime.WaitAsync(cancellationToken);
        try
        {
            return find() ?? await InstallAsync(find, package, options, cancellationToken);
        }
        finally
        {
            oneAtATime.Release();
        }
    }

    /// <summary>The first of the folders that holds the program, PATH last.</summary>
    public static string? InFolders(string program, params IEnumerable<string> folders) => folders
        .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries))
        .Select(folder => Path.Combine(folder, program))
        .FirstOrDefault(IsThere);

    // A link outlives a removed program, and File.Exists takes it for the program.
    private static bool IsThere(string path) => File.Exists(path) && File.ResolveLinkTarget(path, returnFinalTarget: true) is null or { Exists: true };

    private static async Task<string> InstallAsync(Func<string?> find, string package, NativeServerOptions options, CancellationToken cancellationToken)
    {
        var root = Environment.IsPrivilegedProcess;
        var advice = $"install it with: {(root ? "" : "sudo ")}apt-get install {package}";
        if (!options.InstallServers)
            throw new ServerStartException($"{options.Name} needs {package}, which is not installed, and Sluice:InstallServers is false; {advice}");
        if (InFolders("apt-get") is null)
            throw new ServerStartException($"{options.Name} needs {package}, which is not installed, and this machine has no apt; install it with its own package manager.");
        if (!root && !await MaySudoAsync(cancellationToken))
            throw new ServerStartException($"{options.Name} needs {package}, which is not installed; {advice}");

        options.Output($"Installing {package} with apt-get: this happens once.");
        string[] command = ["flock", "/var/lock/aspire-local-install", "sh", "-c", Install, "install", package];
        var (code, said) = await RunAsync(root ? command : ["sudo", "-n", .. command], cancellationToken);
        return find() ?? throw new ServerStartException($"{options.Name}: apt-get ended with code {code} and {package} is still missing; {advice}{Environment.NewLine}{said}");
    }

    private static async Task<bool> MaySudoAsync(CancellationToken cancellationToken) =>
        InFolders("sudo") is not null && (await RunAsync(["sudo", "-n", "true"], cancellationToken)).Code == 0;

    /// <summary>Runs a short command to its end.</summary>
    public static async Task<(int Code, string Said)> RunAsync(string[] command, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
            Environment = { ["LC_ALL"] = "C" },
        })!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        try
        {
            await process.WaitForExitAsync(cancellationToken);
            return (process.ExitCode, (await output + await error).Trim());
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
