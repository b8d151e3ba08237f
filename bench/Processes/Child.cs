using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;

namespace Sluice.Bench.Processes;

/// <summary>A process of the bench, that ends with this, and at the latest with the bench, unless that is killed with -9.</summary>
internal sealed class Child : IAsyncDisposable
{
    private static readonly ConcurrentDictionary<int, Process> running = new();

    private readonly Process process;

    static Child() => AppDomain.CurrentDomain.ProcessExit += static (_, _) =>
    {
        foreach (var process in running.Values)
            process.Kill(entireProcessTree: true);
    };

    private Child(Process process) => running[process.Id] = this.process = process;

    /// <summary>Returns when it listens.</summary>
    public static async Task<Child> StartAsync(string assembly, IEnumerable<string> arguments, int port, params IEnumerable<(string Name, string Value)> environment)
    {
        var child = Start(assembly, arguments, environment);
        while (!await ListensAsync(port))
        {
            if (child.process.HasExited)
                throw new InvalidOperationException($"{assembly} ended with code {child.process.ExitCode}.");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None);
        }

        return child;
    }

    public static Child Start(string assembly, IEnumerable<string> arguments, params IEnumerable<(string Name, string Value)> environment)
    {
        var start = new ProcessStartInfo("dotnet", [assembly, .. arguments])
        {
            WorkingDirectory = Path.GetDirectoryName(assembly)!,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, line) => Console.Error.WriteLine(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new Child(process);
    }

    public double ResidentMegabytes()
    {
        process.Refresh();
        return process.WorkingSet64 / 1e6;
    }

    /// <summary>Since it started.</summary>
    public TimeSpan ProcessorTime()
    {
        process.Refresh();
        return process.TotalProcessorTime;
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        running.TryRemove(process.Id, out _);
        process.Dispose();
    }

    private static async Task<bool> ListensAsync(int port)
    {
        using var client = new TcpClient(AddressFamily.InterNetwork);
        try
        {
            await client.ConnectAsync(System.Net.IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
