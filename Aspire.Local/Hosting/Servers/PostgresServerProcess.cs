using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Npgsql;

namespace Aspire.Hosting.Servers;

/// <summary>PostgreSQL. It refuses to run as root: there it runs as the user <c>postgres</c>, which its package makes.</summary>
internal sealed class PostgresServerProcess(ProcessGuard guard, NativeServerOptions options) : NativeServer(guard, options)
{
    private const string SystemUser = "postgres";

    /// <summary>Before, it copied files always.</summary>
    private const int FirstWithStrategies = 15;

    public string ConnectionString { get; } = new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = options.Port,
        Username = "postgres",
        Password = options.Password,
    }.ConnectionString;

    /// <summary>Fast shutdown: ends sessions instead of waiting for them.</summary>
    protected override PosixSignal StopSignal => PosixSignal.SIGINT;

    private string Data => Path.Combine(Options.DataFolder, "data");

    /// <summary>Creates a database unless it exists.</summary>
    public async Task CreateDatabaseAsync(string database, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        await using var exists = new NpgsqlCommand("select 1 from pg_database where datname = $1", connection) { Parameters = { new() { Value = database } } };
        if (await exists.ExecuteScalarAsync(cancellationToken) is not null)
            return;
        // Where nothing is synced, copying the template's files takes a tenth of the time of logging each of their pages.
        var strategy = !Options.KeepData && connection.PostgreSqlVersion.Major >= FirstWithStrategies ? " strategy file_copy" : "";
        await using var create = new NpgsqlCommand($"create database \"{database.Replace("\"", "\"\"", StringComparison.Ordinal)}\"{strategy}", connection);
        await create.ExecuteNonQueryAsync(cancellationToken);
    }

    protected override async Task<GuardedProcess> LaunchAsync(CancellationToken cancellationToken)
    {
        var initdb = await ServerPrograms.FindAsync(() => Find("initdb"), "postgresql", Options, cancellationToken);
        if (!File.Exists(Path.Combine(Data, "PG_VERSION")))
            await InitializeAsync(initdb, cancellationToken);

        string[] settings =
        [
            "-D", Data, "-h", "127.0.0.1", "-p", Port.ToString(CultureInfo.InvariantCulture),
            "-c", "unix_socket_directories=",
            "-c", "dynamic_shared_memory_type=mmap",
            "-c", "max_connections=200",
            "-c", $"fsync={(Options.KeepData ? "on" : "off")}",
        ];
        return Guard.Start(AsSystemUser([Path.Combine(Path.GetDirectoryName(initdb)!, "postgres"), .. settings]), Output);
    }

    protected override async Task<bool> ProbeAsync(CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        return true;
    }

    // After a kill of the postmaster its sessions need a moment to notice and to let go of the shared memory.
    protected override bool IsTransient(string said) => said.Contains("pre-existing shared memory block", StringComparison.Ordinal);

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false;Database=postgres");
        await connection.OpenAsync(cancellationToken);
        return connection;
    }

    private async Task InitializeAsync(string initdb, CancellationToken cancellationToken)
    {
        var passwordFile = Path.Combine(Options.DataFolder, "password");
        await PrivateFile.WriteAsync(passwordFile, Options.Password, cancellationToken);
        if (Environment.IsPrivilegedProcess)
            await RunAsync(["chown", "-R", SystemUser + ":", Options.DataFolder], cancellationToken);
        var start = AsSystemUser([initdb, "-D", Data, "-U", "postgres", "-A", "scram-sha-256", $"--pwfile={passwordFile}", "-E", "UTF8", "--no-locale", "--no-sync"]);
        await RunAsync([start.FileName, .. start.ArgumentList], cancellationToken);
        File.Delete(passwordFile);
    }

    private async Task RunAsync(string[] command, CancellationToken cancellationToken)
    {
        var (code, said) = await ServerPrograms.RunAsync(command, cancellationToken);
        if (code != 0)
            throw new ServerStartException($"{Options.Name}: {Path.GetFileName(command[0])} ended with code {code}: {said}");
    }

    private ProcessStartInfo AsSystemUser(string[] command)
    {
        if (Environment.IsPrivilegedProcess)
            command = ["setpriv", $"--reuid={SystemUser}", $"--regid={SystemUser}", "--init-groups", "--", .. command];
        return new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = Options.DataFolder, Environment = { ["LC_ALL"] = "C" } };
    }

    private static string? Find(string program) => ServerPrograms.InFolders(program, Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").OrderByDescending(VersionOf).Select(version => Path.Combine(version, "bin"))
        : []);

    private static int VersionOf(string folder) => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var version) ? version : 0;
}
