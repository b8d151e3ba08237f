using Microsoft.AspNetCore.Http;
using Sluice.ImportTests.World;
using Sluice.Testing;

namespace Sluice.ImportTests;

public sealed class RunTests(Servers servers)
{
    [Fact]
    public async Task Every_item_comes_once_and_the_server_refuses_nothing()
    {
        // The server counts arrivals exactly and refuses what is one too many.
        (int Permits, TimeSpan Window)[] limits = [(10, TimeSpan.FromSeconds(0.2)), (40, TimeSpan.FromSeconds(1))];
        await using var api = await FakeApi.StartAsync(items: 120, new ArrivalWindows(limits));
        await using var system = await ImportSystem.StartAsync(servers, api, workers: 2,
            ("Sources:shop:Limits:0:Permits", "10"), ("Sources:shop:Limits:0:Window", "00:00:00.2"),
            ("Sources:shop:Limits:1:Permits", "40"), ("Sources:shop:Limits:1:Window", "00:00:01"));

        var id = await system.ImportAsync();
        await system.AssertCompleteAsync(id, 120);

        Assert.Equal(0, api.Refusals);
        Assert.Equal(126, api.Requests);
        Assert.All(api.Details.Values, count => Assert.Equal(1, count));
        Assert.Equal(6, api.Pages.Distinct().Count());

        var import = await system.FindAsync(id);
        Assert.Equal((0, 126, 6), (import.RateLimitHitsCount, import.RequestsCount, import.PagesDiscovered));
        Assert.Equal((3.0, 1.0), (import.TheoreticalSeconds, import.Efficiency));
        Assert.InRange(import.OptimumShare!.Value, 0.01, 1);
        Assert.InRange(import.RateLimitSleepsCount, 1, 126);
        Assert.InRange(import.TotalSleepSeconds, 0.05, import.DurationSeconds);
        Assert.Equal(import.DurationSeconds - import.TotalSleepSeconds, import.ActiveSeconds, 0.01);
        Assert.Equal(import.DurationSeconds, (import.EndedAt!.Value - import.StartedAt).TotalSeconds, 0.01);
    }

    [Fact]
    public async Task Details_begin_while_the_list_is_still_read()
    {
        await using var api = await FakeApi.StartAsync(items: 60);
        var details = new Gate();
        details.Open();
        api.OnDetail = (context, _, _) => details.PassAsync(context);
        api.OnPage = async (_, page) =>
        {
            if (page == 2)
                await details.ArrivedAsync(20);
            return false;
        };
        await using var system = await ImportSystem.StartAsync(servers, api);

        await system.AssertCompleteAsync(await system.ImportAsync(), 60);
        Assert.Equal(3, api.Pages.Count());
    }

    [Fact]
    public async Task An_empty_list_is_an_import_that_is_completed()
    {
        await using var api = await FakeApi.StartAsync(items: 0);
        await using var system = await ImportSystem.StartAsync(servers, api, workers: 0);

        await system.AssertCompleteAsync(await system.ImportAsync(), 0);
    }

    [Fact]
    public async Task An_item_that_is_listed_twice_is_imported_once()
    {
        await using var api = await FakeApi.StartAsync(items: 35);
        await using var system = await ImportSystem.StartAsync(servers, api, 1, ("Sources:shop:List:Path", "list?offset={offset}&size={size}"), ("Sources:shop:List:Style", "Offset"));
        var pages = 0;
        api.OnPage = async (context, _) =>
        {
            // The list grew in front meanwhile: a page repeats what the one before had at its end.
            if (++pages != 2)
                return false;
            await context.Response.WriteAsync("""{"data":[{"id":19},{"id":20},{"id":21}]}""", context.RequestAborted);
            return true;
        };

        var import = await system.UntilCompletedAsync(await system.ImportAsync());
        Assert.Equal(33, import.ImportedCount);
        Assert.All(api.Details.Values, count => Assert.Equal(1, count));
    }
}
