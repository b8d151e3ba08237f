using Sluice.OrderTests.World;
using Sluice.Testing;

namespace Sluice.OrderTests;

public sealed class KillTests(Servers servers)
{
    [Fact]
    public async Task Workers_that_are_killed_during_a_drop_lose_no_order_and_double_none()
    {
        await using var system = await OrderSystem.StartAsync(servers, workers: 0);
        WorkerProcess[] workers = [system.StartWorkerProcess(), system.StartWorkerProcess()];
        await Drop.HoldAsync(system, async _ =>
        {
            foreach (var worker in workers)
                await worker.KillAsync();
            system.StartWorkerProcess();
            system.StartWorkerProcess();
        });
    }
}
