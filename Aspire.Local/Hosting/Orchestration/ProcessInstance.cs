using System.Diagnostics;
using System.Runtime.InteropServices;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Servers;

namespace Aspire.Hosting.Orchestration;

/// <summary>A project or another program.</summary>
internal sealed class ProcessInstance(IResource resource, int replica, InstanceContext context) : ResourceInstance(resource, replica, context)
{
    private GuardedProcess? process;

    protected override async Task<Task<int>> LaunchAsync(CancellationToken cancellationToken)
    {
        var start = Resource is ProjectResource project ? await ProjectAsync(project, cancellationToken) : Program((ExecutableResource)Resource);
        foreach (var argument in await ProcessEnvironment.ArgumentsAsync(Resource, cancellationToken))
            start.ArgumentList.Add(argument);

        var variables = await ProcessEnvironment.VariablesAsync(Resource, Replica, Id, Context, cancellationToken);
        ProcessEnvironment.Apply(variables, start.Environment);

        process = Context.Guard.Start(start, line => Context.Logs.Write(Id, line));
        Publish(snapshot => snapshot with
        {
            Properties = [new ResourcePropertySnapshot("executable.pid", process.Id), new ResourcePropertySnapshot("executable.path", start.FileName)],
            EnvironmentVariables = [.. variables.OrderBy(variable => variable.Key, StringComparer.Ordinal).Select(variable => new EnvironmentVariableSnapshot(variable.Key, variable.Value, IsFromSpec: true))],
        });
        return process.ExitCode;
    }

    protected override async Task<int?> EndAsync(CancellationToken deadline)
    {
        if (Interlocked.Exchange(ref process, null) is not { } running)
            return null;
        await running.StopAsync(PosixSignal.SIGTERM, deadline);
        return await running.ExitCode;
    }

    protected override IReadOnlyList<IHealthProbe> CreateProbes() =>
        [.. Resource.Annotations.OfType<HttpHealthProbe>().Select(probe => probe.For(Replica, Context.Http))];

    private async Task<ProcessStartInfo> ProjectAsync(ProjectResource project, CancellationToken cancellationToken)
    {
        var path = project.Annotations.OfType<IProjectMetadata>().Last().ProjectPath;
        var program = await ProjectProgram.FindAsync(path, Context, line => Context.Logs.Write(Id, line), cancellationToken);
        return new ProcessStartInfo(ProjectProgram.DotnetHost, ["exec", program]) { WorkingDirectory = Path.GetDirectoryName(path) };
    }

    private static ProcessStartInfo Program(ExecutableResource executable)
    {
        if (!Directory.Exists(executable.WorkingDirectory))
            throw new DistributedApplicationException($"its working folder {executable.WorkingDirectory} does not exist");
        var command = executable.Command.Contains('/', StringComparison.Ordinal)
            ? Path.GetFullPath(executable.Command, executable.WorkingDirectory)
            : ServerPrograms.InFolders(executable.Command);
        if (command is null || !File.Exists(command))
            throw new DistributedApplicationException($"the program '{executable.Command}' was not found");
        return new ProcessStartInfo(command) { WorkingDirectory = executable.WorkingDirectory };
    }
}
