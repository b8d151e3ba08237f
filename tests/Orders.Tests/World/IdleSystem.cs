using Sluice.Testing;

namespace Sluice.OrderTests.World;

/// <summary>A system without a worker, for tests of a class that leave nothing behind that another would see.</summary>
public sealed class IdleSystem(Servers servers) : IAsyncLifetime
{
    internal OrderSystem System { get; private set; } = null!;

    public async ValueTask InitializeAsync() => System = await OrderSystem.StartAsync(servers, workers: 0);

    public ValueTask DisposeAsync() => System?.DisposeAsync() ?? ValueTask.CompletedTask;
}
