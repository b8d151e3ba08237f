using System.Diagnostics;

namespace Sluice.ImportTests.World;

/// <summary>A worker or an orchestrator in a process of its own, that can be killed.</summary>
internal sealed class ServiceProcess : IDisposable
{
    private readonly Process process;

    private ServiceProcess(Process process) => this.process = process;

    public static ServiceProcess StartWorker(IReadOnlyDictionary<string, string?> settings) => Start("DetailWorker.dll", settings);

    public static ServiceProcess StartOrchestrator(IReadOnlyDictionary<string, string?> settings) => Start("ImportOrchestrator.dll", settings);

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

    private static ServiceProcess Start(string assembly, IReadOnlyDictionary<string, string?> settings)
    {
        var program = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, assembly)])
        {
            RedirectStandardOutput = true,
            Environment = { ["DOTNET_ENVIRONMENT"] = "Development", ["ASPNETCORE_URLS"] = "http://127.0.0.1:0" },
        };
        foreach (var (key, value) in settings)
            program.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        var process = Process.Start(program)!;
        process.OutputDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        return new ServiceProcess(process);
    }
}
