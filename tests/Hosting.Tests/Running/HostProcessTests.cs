using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Aspire.Hosting.Servers;
using Sluice.Testing;

namespace Sluice.Hosting.Tests.Running;

/// <summary>The sample AppHost as a process of its own, with its servers: what is left of it in the end.</summary>
public sealed class HostProcessTests
{
    /// <summary>More than all may take, and less than the 15 s after which the host gives up a stop that hangs.</summary>
    private static readonly TimeSpan allGone = TimeSpan.FromSeconds(14);
    private static readonly string configuration = typeof(Projects.SampleHost).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;

    [Fact]
    public async Task Prints_a_table_and_stops_in_good_order_on_sigterm()
    {
        using var host = await StartAsync();
        var tree = ProcessTree.Of(host.Process.Id);

        ProcessTree.Signal(host.Process.Id, "TERM");
        await host.Process.WaitForExitAsync(TestContext.Current.CancellationToken).Within(allGone);

        Assert.Equal(0, host.Process.ExitCode);
        await AssertGoneAsync(tree);
        Assert.Contains(host.Lines, line => line.StartsWith("  rabbitmq  Healthy  tcp://127.0.0.1:", StringComparison.Ordinal));
        Assert.Contains(host.Lines, line => line.Trim() == $"curl http://localhost:{host.Port}/environment");
        Assert.Contains(host.Lines, line => line.StartsWith("front ", StringComparison.Ordinal) && line.Contains("Application is shutting down", StringComparison.Ordinal));
        Assert.Contains(host.Lines, line => line.Contains("database system is shut down", StringComparison.Ordinal));
        Assert.Empty(Directory.GetDirectories(host.TemporaryFolder));
    }

    [Fact]
    public async Task Leaves_no_process_and_no_data_behind_when_it_is_killed()
    {
        using var host = await StartAsync();
        var tree = ProcessTree.Of(host.Process.Id);

        ProcessTree.Signal(host.Process.Id, "KILL");

        await ProcessTree.UntilGoneAsync(tree);
        await Deadline.UntilAsync(() => Task.FromResult(Directory.GetDirectories(host.TemporaryFolder).Length == 0), "all data are gone", cancellationToken: TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Stops_when_the_dotnet_run_that_started_it_is_killed()
    {
        using var host = await StartAsync(["run", "--no-build", "-c", configuration, "--project", Projects.SampleHost.ProjectPath, "--"]);
        var tree = ProcessTree.Of(host.Process.Id);

        ProcessTree.Signal(host.Process.Id, "KILL");

        await ProcessTree.UntilGoneAsync(tree);
    }

    private static Task AssertGoneAsync(List<ProcessTree.Entry> tree)
    {
        // The host, its guardian, three servers of several processes each, and three projects.
        Assert.True(tree.Count > 8);
        return ProcessTree.UntilGoneAsync(tree);
    }

    private static Task<Host> StartAsync() => StartAsync(["exec", typeof(Projects.SampleHost).Assembly.Location]);

    private static async Task<Host> StartAsync(string[] arguments)
    {
        var port = FreePorts.Next();
        var temporary = Directory.CreateTempSubdirectory("sluice-host-").FullName;
        // PostgreSQL's user must get through.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(temporary, File.GetUnixFileMode(temporary) | UnixFileMode.OtherExecute | UnixFileMode.GroupExecute);
        var process = Process.Start(new ProcessStartInfo("dotnet", [.. arguments, $"--Front:Port={port}", "--Sluice:AspireDashboard=false"])
        {
            RedirectStandardOutput = true,
            Environment = { ["TMPDIR"] = temporary },
        })!;
        var host = new Host(process, port, temporary);
        await host.Up.Within();
        return host;
    }

    private sealed class Host : IDisposable
    {
        private readonly TaskCompletionSource up = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly List<string> lines = [];

        public Host(Process process, int port, string temporaryFolder)
        {
            (Process, Port, TemporaryFolder) = (process, port, temporaryFolder);
            process.OutputDataReceived += (_, line) => Read(line.Data);
            process.BeginOutputReadLine();
        }

        public Process Process { get; }

        public int Port { get; }

        public string TemporaryFolder { get; }

        public Task Up => up.Task;

        public IReadOnlyList<string> Lines
        {
            get
            {
                lock (lines)
                    return [.. lines];
            }
        }

        public void Dispose()
        {
            if (!Process.HasExited)
                Process.Kill();
            Process.Dispose();
            Directory.Delete(TemporaryFolder, recursive: true);
        }

        private void Read(string? line)
        {
            if (line is null)
            {
                up.TrySetException(new InvalidOperationException(string.Join(Environment.NewLine, Lines)));
                return;
            }
            lock (lines)
                lines.Add(line);
            if (line.StartsWith("All resources are up", StringComparison.Ordinal))
                up.TrySetResult();
        }
    }
}
