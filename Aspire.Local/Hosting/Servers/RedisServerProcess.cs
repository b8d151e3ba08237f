using System.Diagnostics;
using System.Text;

namespace Aspire.Hosting.Servers;

/// <summary>redis-server.</summary>
internal sealed class RedisServerProcess(ProcessGuard guard, NativeServerOptions options) : NativeServer(guard, options)
{
    protected override async Task<GuardedProcess> LaunchAsync(CancellationToken cancellationToken)
    {
        var program = await ServerPrograms.FindAsync(() => ServerPrograms.InFolders("redis-server"), "redis-server", Options, cancellationToken);
        var config = Path.Combine(Options.DataFolder, "redis.conf");
        await PrivateFile.WriteAsync(config, $"""
            bind 127.0.0.1
            port {Port}
            requirepass {Options.Password}
            dir {Options.DataFolder}
            save ""
            appendonly {(Options.KeepData ? "yes" : "no")}

            """, cancellationToken);
        return Guard.Start(new ProcessStartInfo(program, [config]) { WorkingDirectory = Options.DataFolder }, Output);
    }

    protected override Task<bool> ProbeAsync(CancellationToken cancellationToken) =>
        AskAsync(Port, Encoding.ASCII.GetBytes($"AUTH {Options.Password}\r\nPING\r\n"), "+OK\r\n+PONG\r\n"u8.ToArray(), cancellationToken);
}
