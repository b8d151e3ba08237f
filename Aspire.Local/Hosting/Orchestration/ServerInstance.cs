using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Servers;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Orchestration;

/// <summary>Redis, PostgreSQL or RabbitMQ.</summary>
internal sealed class ServerInstance(ContainerResource resource, InstanceContext context) : ResourceInstance(resource, 0, context)
{
    private DataVolume? volume;
    private string? dataFolder;

    /// <summary>It answers, for the first time or again.</summary>
    public event Action? Started;

    /// <summary>Null until it starts.</summary>
    public NativeServer? Server { get; private set; }

    public override void Dispose()
    {
        volume?.Dispose();
        base.Dispose();
    }

    protected override async Task<Task<int>> LaunchAsync(CancellationToken cancellationToken)
    {
        var server = await CreateAsync(cancellationToken);
        await server.StartAsync(cancellationToken);
        Server = server;
        Publish(snapshot => snapshot with { Properties = [new ResourcePropertySnapshot("executable.pid", server.ProcessId)] });
        Started?.Invoke();
        return server.Exited;
    }

    protected override async Task<int?> EndAsync(CancellationToken deadline)
    {
        if (Server is not { } server)
            return null;
        Server = null;
        await server.StopAsync(deadline);
        return await server.Exited;
    }

    protected override IReadOnlyList<IHealthProbe> CreateProbes()
    {
        var server = Server!;
        return [new HealthProbe($"{Resource.Name}_check", server.AnswersAsync)];
    }

    private async Task<NativeServer> CreateAsync(CancellationToken cancellationToken) => resource switch
    {
        RedisResource redis => new RedisServerProcess(Context.Guard, await OptionsAsync(redis.PrimaryEndpoint, redis.PasswordParameter!, cancellationToken)),
        PostgresServerResource postgres => new PostgresServerProcess(Context.Guard, await OptionsAsync(postgres.PrimaryEndpoint, postgres.PasswordParameter, cancellationToken)),
        RabbitMQServerResource rabbitMq => new RabbitMqServerProcess(
            Context.Guard,
            await OptionsAsync(rabbitMq.PrimaryEndpoint, rabbitMq.PasswordParameter, cancellationToken),
            rabbitMq.ManagementEndpoint.Exists ? rabbitMq.ManagementEndpoint.Port : null),
        _ => throw new DistributedApplicationException($"a {resource.GetType().Name} can't run without a container engine; build with -p:UseAspire=true"),
    };

    private async Task<NativeServerOptions> OptionsAsync(EndpointReference endpoint, ParameterResource password, CancellationToken cancellationToken)
    {
        if (dataFolder is null && Resource.TryGetLastAnnotation<DataVolumeAnnotation>(out var kept))
            dataFolder = (volume = DataVolume.Take(kept.Volume)).DataFolder;
        dataFolder ??= Context.Guard.CreatePrivateFolder($"aspire-{Resource.Name}");
        return new NativeServerOptions(
            Resource.Name,
            dataFolder,
            KeepData: volume is not null,
            endpoint.Port,
            (await password.GetValueAsync(cancellationToken))!,
            Context.Configuration.GetValue("Sluice:InstallServers", true),
            line => Context.Logs.Write(Id, line));
    }
}
