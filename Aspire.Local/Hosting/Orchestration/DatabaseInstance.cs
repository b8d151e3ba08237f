using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Servers;

namespace Aspire.Hosting.Orchestration;

/// <summary>A database: it runs while its server does, and comes back with it.</summary>
internal sealed class DatabaseInstance : ResourceInstance
{
    private readonly PostgresDatabaseResource resource;
    private readonly ServerInstance server;

    public DatabaseInstance(PostgresDatabaseResource resource, ServerInstance server, InstanceContext context) : base(resource, 0, context)
    {
        this.resource = resource;
        this.server = server;
        server.Started += Start;
    }

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
