using Sluice.Contracts;
using Sluice.ItemApi.Catalog;
using Sluice.ServiceDefaults.Startup;
using Sluice.Testing;

namespace Sluice.ItemApi.Tests;

public sealed class SeedTests(PostgresFixture postgres)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_same_seed_makes_the_same_catalogue()
    {
        await using var one = await Catalogue.StartAsync(postgres, 300, Stop);
        await using var other = await Catalogue.StartAsync(postgres, 300, Stop);

        Assert.Equal(await one.FingerprintAsync(Stop), await other.FingerprintAsync(Stop));
        Assert.Equal(300L, await one.ReadAsync<long>("select count(*) from items where name <> '' and description <> '' and price > 0", Stop));
        Assert.True(await one.ReadAsync<long>("select count(distinct name) from items", Stop) > 290);
    }

    [Fact]
    public void An_item_stays_what_it_is_from_release_to_release() => Assert.Equal(
        new ItemDetail(
            1, "Yara Beech Cutting Board, Ivory", "Takes on neither smell nor taste. Ages well and can be restored. Made in small batches.", 20.99m),
        new ItemRecipe(seed: 1).Make(1));

    [Fact]
    public async Task Another_size_extends_or_shrinks_to_what_that_size_would_have_been_from_the_start()
    {
        var database = await postgres.Server.CreateDatabaseAsync(cancellationToken: Stop);
        foreach (var size in (int[])[100, 250, 40, 0, 41])
        {
            await using var changed = await Catalogue.StartAsync(database, size, Stop);
            await using var fresh = await Catalogue.StartAsync(postgres, size, Stop);

            Assert.Equal((long)size, await changed.ReadAsync<long>("select item_count from catalogue", Stop));
            Assert.Equal(await fresh.FingerprintAsync(Stop), await changed.FingerprintAsync(Stop));
        }
    }

    [Fact]
    public async Task Another_seed_replaces_the_items()
    {
        var database = await postgres.Server.CreateDatabaseAsync(cancellationToken: Stop);
        await using var before = await Catalogue.StartAsync(database, 50, Stop);
        var fingerprint = await before.FingerprintAsync(Stop);

        await using var after = await Catalogue.StartAsync(database, 50, Stop, ("Catalog:Seed", "2"));

        Assert.NotEqual(fingerprint, await after.FingerprintAsync(Stop));
        Assert.Equal(50L, await after.ReadAsync<long>("select count(*) from items", Stop));
    }

    [Fact]
    public async Task Replicas_that_start_together_seed_once()
    {
        var database = await postgres.Server.CreateDatabaseAsync(cancellationToken: Stop);
        var replicas = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Catalogue.StartAsync(database, 5000, Stop)));

        Assert.Equal(5000L, await replicas[0].ReadAsync<long>("select count(*) from items", Stop));
        Assert.Equal(5000L, await replicas[0].ReadAsync<long>("select item_count from catalogue", Stop));
        foreach (var replica in replicas)
            await replica.DisposeAsync();
    }

    [Fact]
    public async Task A_start_with_nothing_to_do_leaves_the_rows_alone()
    {
        var database = await postgres.Server.CreateDatabaseAsync(cancellationToken: Stop);
        await using var first = await Catalogue.StartAsync(database, 20, Stop);
        await first.RunAsync("delete from items where id = 7", Stop);

        await using var second = await Catalogue.StartAsync(database, 20, Stop);

        Assert.Equal(19L, await second.ReadAsync<long>("select item_count from catalogue", Stop));
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("10000001")]
    [InlineData("many")]
    public async Task A_size_out_of_range_stops_the_start_and_names_the_setting(string items)
    {
        var database = await postgres.Server.CreateDatabaseAsync(cancellationToken: Stop);

        var refusal = await Assert.ThrowsAsync<StartupException>(() => Catalogue.StartAsync(database, 0, Stop, ("Catalog:Items", items)));

        Assert.Contains("Catalog:Items", Assert.Single(refusal.Faults));
    }

    [Fact]
    public async Task The_total_follows_every_way_that_rows_come_and_go()
    {
        await using var catalogue = await Catalogue.StartAsync(postgres, 10, Stop);

        await catalogue.RunAsync("insert into items values (100, 'a', 'b', 1), (200, 'a', 'b', 1)", Stop);
        Assert.Equal(12L, await catalogue.ReadAsync<long>("select item_count from catalogue", Stop));
        await catalogue.RunAsync("delete from items where id > 4", Stop);
        Assert.Equal(4L, await catalogue.ReadAsync<long>("select item_count from catalogue", Stop));
        await catalogue.RunAsync("truncate items", Stop);
        Assert.Equal(0L, await catalogue.ReadAsync<long>("select item_count from catalogue", Stop));
    }
}
