using Aspire.Hosting.Orchestration;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Something a person can do to a resource.</summary>
public sealed class ResourceCommandAnnotation : IResourceAnnotation
{
    internal ResourceCommandAnnotation(string name, string displayName, Func<ExecuteCommandContext, Task<ExecuteCommandResult>> executeCommand, CommandOptions options)
    {
        Name = name;
        DisplayName = displayName;
        ExecuteCommand = executeCommand;
        DisplayDescription = options.Description;
        ConfirmationMessage = options.ConfirmationMessage;
    }

    public string Name { get; }

    public string DisplayName { get; }

    public string? DisplayDescription { get; }

    public string? ConfirmationMessage { get; }

    public Func<ExecuteCommandContext, Task<ExecuteCommandResult>> ExecuteCommand { get; }
}

public class CommandOptions
{
    public string? Description { get; set; }

    public string? ConfirmationMessage { get; set; }
}

public sealed class ExecuteCommandContext
{
    public required IServiceProvider ServiceProvider { get; init; }

    public required string ResourceName { get; init; }

    public required CancellationToken CancellationToken { get; init; }
}

public sealed class ExecuteCommandResult
{
    public required bool Success { get; init; }

    public string? ErrorMessage { get; init; }
}

public static class CommandResults
{
    public static ExecuteCommandResult Success() => new() { Success = true };

    public static ExecuteCommandResult Failure(string? errorMessage = null) => new() { Success = false, ErrorMessage = errorMessage };

    public static ExecuteCommandResult Failure(Exception exception) => Failure(exception.Message);
}

public static class KnownResourceCommands
{
    public static readonly string StartCommand = "start";
    public static readonly string StopCommand = "stop";
    public static readonly string RestartCommand = "restart";
}

/// <summary>Executes commands: a resource's own, and start, stop and restart.</summary>
public class ResourceCommandService
{
    private readonly Cluster cluster;
    private readonly IServiceProvider services;

    internal ResourceCommandService(Cluster cluster, IServiceProvider services)
    {
        this.cluster = cluster;
        this.services = services;
    }

    public Task<ExecuteCommandResult> ExecuteCommandAsync(IResource resource, string commandName, CancellationToken cancellationToken = default) =>
        ExecuteCommandAsync(resource.Name, commandName, cancellationToken);

    /// <param name="resourceId">A replica, or a resource: all its replicas.</param>
    /// <param name="commandName">See <see cref="KnownResourceCommands"/>.</param>
    /// <param name="cancellationToken">Abandons the command.</param>
    public async Task<ExecuteCommandResult> ExecuteCommandAsync(string resourceId, string commandName, CancellationToken cancellationToken = default)
    {
        var instances = cluster.Find(resourceId);
        if (instances.Count == 0)
            return CommandResults.Failure($"There is no resource '{resourceId}'.");

        foreach (var instance in instances)
        {
            var result = await ExecuteAsync(instance, commandName, cancellationToken);
            if (!result.Success)
                return result;
        }
        return CommandResults.Success();
    }

    private async Task<ExecuteCommandResult> ExecuteAsync(ResourceInstance instance, string commandName, CancellationToken cancellationToken)
    {
        var own = instance.Resource.Annotations.OfType<ResourceCommandAnnotation>().LastOrDefault(command => command.Name == commandName);
        if (own is not null)
            return await own.ExecuteCommand(new ExecuteCommandContext { ServiceProvider = services, ResourceName = instance.Id, CancellationToken = cancellationToken });

        if (commandName == KnownResourceCommands.StartCommand)
            instance.Start();
        else if (commandName == KnownResourceCommands.StopCommand)
            await instance.StopAsync(cancellationToken);
        else if (commandName == KnownResourceCommands.RestartCommand)
            await instance.RestartAsync(cancellationToken);
        else
            return CommandResults.Failure($"Resource '{instance.Id}' has no command '{commandName}'.");
        return CommandResults.Success();
    }
}
