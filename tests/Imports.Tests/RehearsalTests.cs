using System.Net.Http.Json;
using MassTransit;
using Sluice.Contracts;
using Sluice.ImportOrchestrator.Dispatch;
using Sluice.ImportTests.World;
using Sluice.Testing;

namespace Sluice.ImportTests;

public sealed class RehearsalTests(Servers servers)
{
    [Fact]
    public async Task A_rehearsal_goes_through_an_import_that_no_source_and_no_record_hears_of()
    {
        await using var api = await FakeApi.StartAsync(items: 20);
        await using var system = await ImportSystem.StartAsync(servers, api, workers: 1, ("Imports:Rehearse", "true"));
        await system.RehearsedAsync().Within();

        // It has asked for permits, and it has had rows: what is rolled back leaves a gap in the numbers.
        Assert.Equal(1L, await CountAsync(system, "ledger_horizons where account = '(rehearsal)'"));
        Assert.Equal(1L, await CountAsync(system, "(select pg_sequence_last_value(pg_get_serial_sequence('imported_items', 'id'))) as rows (last) where last > 0"));

        Assert.Equal(0, api.Requests);
        Assert.Empty((await system.Client.GetFromJsonAsync<CursorPage<ImportSnapshot>>("/imports", TestContext.Current.CancellationToken))!.Data);
        foreach (var table in (string[])["imports", "imported_items", "import_pages"])
            Assert.Equal(0L, await CountAsync(system, table));

        await system.AssertCompleteAsync(await system.ImportAsync(), 20);
        Assert.Equal(21, api.Requests);
    }

    [Fact]
    public async Task Items_of_a_rehearsal_are_missed_by_nobody_where_no_worker_has_been_yet()
    {
        await using var api = await FakeApi.StartAsync(items: 1);
        await using var system = await ImportSystem.StartAsync(servers, api, workers: 0);
        var publisher = system.Service<WorkPublisher>();
        DueItem[] items = [new(new FetchItemDetail(Guid.Empty, "1", 0), null, IsOfFirstPage: false, IsDay: false)];

        await publisher.PublishAsync(items, isRehearsal: true, TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<MessageReturnedException>(() => publisher.PublishAsync(items, isRehearsal: false, TestContext.Current.CancellationToken));
    }

    private static async Task<long> CountAsync(ImportSystem system, string rows)
    {
        await using var command = system.Database.CreateCommand($"select count(*) from {rows}");
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }
}
