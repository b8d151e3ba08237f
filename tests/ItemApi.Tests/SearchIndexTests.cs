using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Npgsql;
using Sluice.Contracts;
using Sluice.ItemApi.Search;
using Sluice.Testing;

namespace Sluice.ItemApi.Tests;

public sealed class SearchIndexTests(PostgresFixture postgres)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>As a plan for these words and as the plan for all words, which PostgreSQL may choose for a prepared statement.</summary>
    [Theory]
    [InlineData("force_custom_plan")]
    [InlineData("force_generic_plan")]
    public async Task A_search_of_a_large_catalogue_reads_the_index_and_not_the_table(string planning)
    {
        var database = await postgres.Server.CreateDatabaseAsync(cancellationToken: Stop);
        await using var catalogue = await Catalogue.StartAsync(database, 50_000, Stop);
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync(Stop);
        await using (var mode = new NpgsqlCommand($"set plan_cache_mode = {planning}", connection))
            await mode.ExecuteNonQueryAsync(Stop);

        foreach (var q in (string[])["copper kett", "warranty", "steel or lamp", "\"made for\" -kettle"])
        {
            var nodes = await PlanAsync(connection, q);

            Assert.Contains(nodes, node => node.Type == "Bitmap Index Scan" && node.Index == "items_search");
            Assert.DoesNotContain(nodes, node => node.Type.EndsWith("Seq Scan", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_seeded_catalogue_has_no_rows_that_wait_for_the_index()
    {
        await using var catalogue = await Catalogue.StartAsync(postgres, 2000, Stop);

        Assert.Equal(0L, await catalogue.ReadAsync<long>("select gin_clean_pending_list('items_search')", Stop));
    }

    [Fact]
    public async Task Items_of_before_there_was_a_search_are_found()
    {
        var database = await postgres.Server.CreateDatabaseAsync(cancellationToken: Stop);
        await using (var before = await Catalogue.StartAsync(database, 50, Stop))
            await before.RunAsync(
                """
                drop table inventory, sales, supplies, orders, sale_intake, idempotency_keys, order_id_secret cascade;
                alter table items drop column search;
                delete from schema_migrations where name >= '002_search.sql'
                """,
                Stop);

        await using var after = await Catalogue.StartAsync(database, 50, Stop);

        Assert.Equal(1, (await SearchAsync(after, "\"Yara Beech Cutting Board\"")).Total);
    }

    [Fact]
    public async Task Search_follows_what_is_added_renamed_and_removed()
    {
        await using var catalogue = await Catalogue.StartAsync(postgres, 0, Stop);

        await catalogue.RunAsync("insert into items values (1, 'Harp', 'Sings.', 1), (2, 'Harp', 'Sings.', 1)", Stop);
        Assert.Equal(2, (await SearchAsync(catalogue, "harp")).Total);
        await catalogue.RunAsync("update items set name = 'Flute' where id = 1", Stop);
        Assert.Equal([2], (await SearchAsync(catalogue, "harp")).Data.Select(item => item.Id));
        await catalogue.RunAsync("delete from items where id = 1", Stop);
        Assert.Equal(0, (await SearchAsync(catalogue, "flute")).Total);
    }

    private static async Task<SearchPage> SearchAsync(Catalogue catalogue, string q) =>
        (await catalogue.Client.GetFromJsonAsync(QueryHelpers.AddQueryString("/api/search", "q", q), ItemsJson.Default.SearchPage, Stop))!;

    private static async Task<List<(string Type, string? Index)>> PlanAsync(NpgsqlConnection connection, string q)
    {
        var (query, _) = SearchQuery.Read(new QueryCollection(new Dictionary<string, StringValues> { ["q"] = q }));
        await using var command = SearchStore.CommandFor(query!, connection);
        command.CommandText = $"explain (format json) {command.CommandText}";
        using var plan = JsonDocument.Parse((string)(await command.ExecuteScalarAsync(Stop))!);

        var nodes = new List<(string, string?)>();
        Collect(plan.RootElement[0].GetProperty("Plan"));
        return nodes;

        void Collect(JsonElement node)
        {
            nodes.Add((node.GetProperty("Node Type").GetString()!, node.TryGetProperty("Index Name", out var index) ? index.GetString() : null));
            if (node.TryGetProperty("Plans", out var children))
                foreach (var child in children.EnumerateArray())
                    Collect(child);
        }
    }
}
