using Sluice.OrderTests.World;
using Sluice.Testing;

namespace Sluice.OrderTests;

public sealed class RepeatedKillTests(Servers servers)
{
    [Fact]
    public async Task Workers_that_are_killed_again_and_again_during_a_drop_lose_no_order()
    {
        await using var system = await OrderSystem.StartAsync(servers, workers: 0);
        var worker = system.StartWorkerProcess();
        await Drop.HoldAsync(system, async accepted =>
        {
            // As often as the broker hands out a message.
            var settled = 0L;
            for (var number = 0; number < 10; number++)
            {
                await worker.KillAsync();
                worker = system.StartWorkerProcess();
                var before = settled;
                await Deadline.UntilAsync(
                    async () => (settled = await system.CountAsync("select count(*) from orders where sku = 'drop'")) > before || settled >= accepted.Count,
                    "the next worker settles some, or there is nothing to settle", cancellationToken: TestContext.Current.CancellationToken);
            }
        });
    }
}
