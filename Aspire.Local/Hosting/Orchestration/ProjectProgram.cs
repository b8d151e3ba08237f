using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Aspire.Hosting.Servers;

namespace Aspire.Hosting.Orchestration;

/// <summary>The program that a project builds to. Referenced projects were built with the AppHost; others are built once.</summary>
internal static class ProjectProgram
{
    private static readonly SemaphoreSlim oneAtATime = new(1);
    private static readonly ConcurrentDictionary<string, string> built = new();

    /// <summary>The <c>dotnet</c> of the runtime that runs this process.</summary>
    public static string DotnetHost { get; } = FindDotnetHost();

    /// <exception cref="DistributedApplicationException">There is no such project, or it does not build.</exception>
    public static async Task<string> FindAsync(string projectPath, InstanceContext context, Action<string> output, CancellationToken cancellationToken)
    {
        if (context.Settings.ProgramOf(projectPath) is { } known && File.Exists(known))
            return known;
        if (!File.Exists(projectPath))
            throw new DistributedApplicationException($"there is no project {projectPath}");

        await oneAtATime.WaitAsync(cancellationToken);
        try
        {
            return built.TryGetValue(projectPath, out var program) ? program : built[projectPath] = await BuildAsync(projectPath, context, output, cancellationToken);
        }
        finally
        {
            oneAtATime.Release();
        }
    }

    private static async Task<string> BuildAsync(string projectPath, InstanceContext context, Action<string> output, CancellationToken cancellationToken)
    {
        var configuration = context.Settings.BuildConfiguration;
        // No build server stays behind.
        await DotnetAsync(["build", projectPath, "-c", configuration, "-v", "quiet", "-nologo", "-nodeReuse:false", "-p:UseSharedCompilation=false"], output);

        var program = "";
        await DotnetAsync(["msbuild", projectPath, $"-p:Configuration={configuration}", "-getProperty:TargetPath"], line => program += line);
        return program;

        async Task DotnetAsync(string[] arguments, Action<string> lines)
        {
            var process = context.Guard.Start(new ProcessStartInfo(DotnetHost, arguments) { WorkingDirectory = Path.GetDirectoryName(projectPath) }, lines);
            try
            {
                if (await process.ExitCode.WaitAsync(cancellationToken) is not 0 and var exitCode)
                    throw new DistributedApplicationException($"{projectPath} does not build (exit code {exitCode})");
            }
            catch (OperationCanceledException)
            {
                process.Kill();
                throw;
            }
        }
    }

    private static string FindDotnetHost()
    {
        var host = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../../dotnet"));
        return File.Exists(host) ? host : ServerPrograms.InFolders("dotnet") ?? "dotnet";
    }
}
