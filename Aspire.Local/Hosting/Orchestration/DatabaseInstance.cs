using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Servers;

namespace Aspire.Hosting.Orchestration;

/// <summary>A database: it runs while its server does.</summary>
internal sealed class DatabaseInstance(PostgresDatabaseResource resource, ServerInstance server, InstanceContext context) : ResourceInstance(resource, 0, context)
{
    protected override async Task<Task<int>> LaunchAsync(CancellationToken cancellationToken)
    {
        var postgres = Running();
        await postgres.CreateDatabaseAsync(resource.DatabaseName, cancellationToken);
        return postgres.Exited;
    }

    protected override Task<int?> EndAsync(CancellationToken deadline) => Task.FromResult<int?>(null);

    protected override IReadOnlyList<IHealthProbe> CreateProbes() => [];

    private PostgresServerProcess Running() => server.Server as PostgresServerProcess
        ?? throw new DistributedApplicationException($"its server '{resource.Parent.Name}' has ended");
}
