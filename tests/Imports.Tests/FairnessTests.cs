using System.Collections.Concurrent;
using Sluice.ImportTests.World;
using Sluice.Testing;

namespace Sluice.ImportTests;

public sealed class FairnessTests(Servers servers)
{
    private static readonly (string, string?)[] other =
    [
        ("Sources:other:List:Items", "data"), ("Sources:other:List:PageSize", "20"), ("Sources:other:List:TotalPages", "meta.pages"),
        ("Sources:other:List:Path", "list?page={page}&size={size}"), ("Sources:other:Detail:Path", "items/{id}?of=other"),
        ("Sources:other:Lease", ImportSystem.Lease),
    ];

    [Fact]
    public async Task Imports_that_share_an_account_share_its_budget_also_when_one_came_long_before_the_other()
    {
        var windows = new ArrivalWindows((20, TimeSpan.FromSeconds(0.4)));
        await using var api = await FakeApi.StartAsync(items: 120, windows);
        var arrivals = new ConcurrentQueue<bool>();
        var gate = new Gate();
        api.OnDetail = (context, _, _) =>
        {
            arrivals.Enqueue(context.Request.Query.ContainsKey("of"));
            return gate.PassAsync(context);
        };
        await using var system = await ImportSystem.StartAsync(servers, api, 1,
        [
            ("Sources:shop:Limits:0:Permits", "20"), ("Sources:shop:Limits:0:Window", "00:00:00.4"),
            ("Sources:shop:Account", "shared"), ("Sources:shop:Concurrency", "120"),
            .. other, ("Sources:other:BaseAddress", api.Address), ("Sources:other:Account", "shared"), ("Sources:other:Concurrency", "120"),
            ("Sources:other:Limits:0:Permits", "20"), ("Sources:other:Limits:0:Window", "00:00:00.4"),
        ]);

        // All of the first's items wait for a permit before there is a second, whose list could not be read without one.
        var first = await system.ImportAsync();
        await system.UntilRowsAsync("select count(*) = 120 from imported_items where dispatched", "all items of the first are published");
        await gate.ArrivedAsync(20);
        await Broker.UntilEmptyAsync(system);
        var second = Guid.NewGuid();
        await system.ExecuteAsync($"""
            insert into imports (id, source, fresh, discovery_ended_at) values ('{second}', 'other', false, now());
            insert into imported_items (import_id, external_id, page_number) select '{second}', number::text, 1 from generate_series(1, 120) as number;
            """);
        await system.UntilRowsAsync("select count(*) = 240 from imported_items where dispatched", "all items of the second are published");
        await Broker.UntilEmptyAsync(system);
        gate.Open();
        await system.AssertCompleteAsync(first, 120);
        await system.UntilCompletedAsync(second);

        // While both had items left, each got about as many requests as the other.
        var order = arrivals.ToList();
        var both = order[order.IndexOf(true)..(order.LastIndexOf(false) + 1)];
        Assert.InRange(both.Count, 120, 240);
        Assert.InRange(both.Count(isSecond => isSecond), both.Count * 0.35, both.Count * 0.65);
        Assert.Equal(0, api.Refusals);
    }

    [Fact]
    public async Task An_import_that_waits_for_its_own_limits_keeps_no_other_waiting()
    {
        await using var api = await FakeApi.StartAsync(items: 150);
        await using var system = await ImportSystem.StartAsync(servers, api, 1,
        [
            ("Sources:shop:List:PageSize", "150"), ("Sources:shop:Limits:0:Permits", "20"), ("Sources:shop:Limits:0:Window", "01:00:00"),
            .. other, ("Sources:other:BaseAddress", api.Address), ("Sources:other:Account", Guid.NewGuid().ToString()),
            ("Sources:other:Limits:0:Permits", "100000"), ("Sources:other:Limits:0:Window", "00:00:00.010"),
        ]);
        var slow = await system.ImportAsync();
        await system.UntilRowsAsync("select count(*) filter (where dispatched) >= 100 from imported_items", "the slow one's items are published");

        var quick = await system.UntilCompletedAsync(await system.ImportAsync("other"));

        Assert.Equal(150, quick.ImportedCount);
        Assert.InRange((await system.FindAsync(slow)).ImportedCount, 1, 20);
    }
}
