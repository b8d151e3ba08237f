using System.Runtime.InteropServices;
using Sluice.Testing;

namespace Sluice.RateLimiting.Tests.Support;

/// <summary>A Redis that keeps its connections open and answers nobody, until this is disposed of.</summary>
internal sealed class Frozen : IDisposable
{
    private const int Stop = 19;
    private const int Continue = 18;

    private readonly int process;

    private Frozen(int process) => this.process = process;

    public static async Task<Frozen> StartAsync(RedisServer server)
    {
        var frozen = new Frozen(await ProcessOfAsync(server));
        _ = Signal(frozen.process, Stop);
        return frozen;
    }

    public void Dispose() => _ = Signal(process, Continue);

    // On a connection that is closed while it is still answered.
    private static async Task<int> ProcessOfAsync(RedisServer server)
    {
        using var redis = await RedisConnection.ConnectAsync(server);
        var info = await redis.Server().InfoAsync("server");
        var id = info.SelectMany(group => group).Single(line => line.Key == "process_id").Value;
        return int.Parse(id, System.Globalization.CultureInfo.InvariantCulture);
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Signal(int process, int signal);
}
