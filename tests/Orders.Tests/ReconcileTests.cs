using Sluice.OrderTests.World;
using Sluice.Testing;

namespace Sluice.OrderTests;

public sealed class ReconcileTests(Servers servers)
{
    [Fact]
    public async Task The_command_proves_stock_from_its_rows_and_fails_where_it_differs()
    {
        await using var system = await OrderSystem.StartAsync(servers);
        var id = await system.OrderAsync("""{"quantity":7}""");
        await system.OutcomeAsync(id);

        var (exitCode, output) = await RunAsync(system);
        Assert.Equal(0, exitCode);
        Assert.Matches(@"default +1000 +7 +993 +0\b", output);

        await system.ReadAsync("update inventory set stock = stock + 1 returning 1", row => row.GetInt32(0));
        (exitCode, output) = await RunAsync(system);
        Assert.Equal(1, exitCode);
        Assert.Matches(@"default +1000 +7 +994 +-1\b", output);
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(OrderSystem system)
    {
        using var process = WorkerProcess.Start(system.Settings, "reconcile");
        return await process.EndAsync();
    }
}
