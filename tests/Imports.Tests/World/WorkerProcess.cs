using System.Diagnostics;

namespace Sluice.ImportTests.World;

/// <summary>A worker in a process of its own, that can be killed.</summary>
internal sealed class WorkerProcess : IDisposable
{
    private readonly Process process;

    private WorkerProcess(Process process) => this.process = process;

    public static WorkerProcess Start(IReadOnlyDictionary<string, string?> settings)
    {
        var program = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "DetailWorker.dll")])
        {
            RedirectStandardOutput = true,
            Environment = { ["DOTNET_ENVIRONMENT"] = "Development" },
        };
        foreach (var (key, value) in settings)
            program.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        var process = Process.Start(program)!;
        process.OutputDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        return new WorkerProcess(process);
    }

    /// <summary>kill -9.</summary>
    public Task KillAsync()
    {
        process.Kill();
        return process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill();
        process.Dispose();
    }
}
