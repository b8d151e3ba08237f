using Sluice.Testing;

namespace Sluice.OrderTests.World;

/// <summary>A RabbitMQ for tests that kill it, one after the other.</summary>
[CollectionDefinition]
public sealed class DoomedBroker : ICollectionFixture<DoomedBroker>, IAsyncLifetime
{
    public RabbitMqServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await RabbitMqServer.StartAsync(managed: true, Deadline.Token());

    public ValueTask DisposeAsync() => Server?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>Settings by which a system uses this broker.</summary>
    internal async Task<(string Key, string Value)> SettingAsync() =>
        ("ConnectionStrings:rabbitmq", await Server.CreateVirtualHostAsync(TestContext.Current.CancellationToken));
}
