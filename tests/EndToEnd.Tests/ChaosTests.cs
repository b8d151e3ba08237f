using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Sluice.EndToEnd.Tests;

public sealed class ChaosTests(ChaosCluster cluster, ITestOutputHelper output) : IClassFixture<ChaosCluster>
{
    private const string SeedVariable = "SLUICE_CHAOS_SEED";

    [Fact(Timeout = 600_000)]
    public async Task Whatever_falls_on_the_way_everything_is_there_once_and_the_limits_were_kept()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var seed = int.TryParse(Environment.GetEnvironmentVariable(SeedVariable), CultureInfo.InvariantCulture, out var given) ? given : Random.Shared.Next();
        output.WriteLine($"{SeedVariable}={seed}");
        var chaos = new Chaos(cluster, seed);
        try
        {
            var importAt = await cluster.ImportAsync(cancellationToken);
            var backfillAt = await cluster.BackfillAsync(cancellationToken);
            await chaos.RunAsync(cancellationToken);
            var import = await cluster.UntilAsync(importAt, HasEnded, "the import ends", cancellationToken);
            var backfill = await cluster.UntilAsync(backfillAt, HasEnded, "the backfill ends", cancellationToken);

            await AssertImportedAsync(importAt, import, cancellationToken);
            await AssertBackfilledAsync(backfill, cancellationToken);
            AssertLimitsKept();
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"{SeedVariable}={seed}: {exception.Message}{Environment.NewLine}{chaos.Story}{Environment.NewLine}{cluster.Describe(Chaos.Resources)}{Environment.NewLine}{await cluster.LogsAsync(Chaos.Resources)}", exception);
        }
        finally
        {
            output.WriteLine(chaos.Story);
        }
    }

    private async Task AssertImportedAsync(Uri location, JsonElement import, CancellationToken cancellationToken)
    {
        Assert.Equal("completed", import.GetProperty("status").GetString());
        Assert.Equal((ChaosCluster.CatalogueItems, ChaosCluster.CatalogueItems, 0), (Number(import, "totalCount"), Number(import, "importedCount"), Number(import, "failedCount")));

        var items = await cluster.ItemsAsync(location, cancellationToken);
        Assert.Equal(
            Enumerable.Range(1, ChaosCluster.CatalogueItems),
            items.Select(item => int.Parse(item.GetProperty("externalId").GetString()!, CultureInfo.InvariantCulture)).Order());
        Assert.All(items, item => Assert.True(item.GetProperty("price").GetDecimal() > 0));
    }

    private async Task AssertBackfilledAsync(JsonElement backfill, CancellationToken cancellationToken)
    {
        Assert.Equal("completed", backfill.GetProperty("status").GetString());
        Assert.Equal((ChaosCluster.Days, ChaosCluster.Days, 0), (Number(backfill, "daysCount"), Number(backfill, "importedCount"), Number(backfill, "failedCount")));

        var records = await cluster.RecordsAsync(cancellationToken);
        Assert.Equal(records.Order(StringComparer.Ordinal), (await cluster.BackfilledAsync(cancellationToken)).Order(StringComparer.Ordinal));
        Assert.Equal((records.Count, records.Count), (Number(backfill, "recordsCount"), Number(backfill, "newRecordsCount")));
    }

    /// <summary>Not one refusal, and none would have come from a server that never forgets either: the gateway's limits are in the Redis that fell.</summary>
    private void AssertLimitsKept()
    {
        Assert.DoesNotContain(cluster.Answers, answer => answer.Status == HttpStatusCode.TooManyRequests);
        foreach (var caller in cluster.Arrivals.GroupBy(arrival => arrival.Caller))
        {
            var arrivals = caller.Select(arrival => arrival.Timestamp).Order().ToList();
            foreach (var (permits, window) in ChaosCluster.Windows)
                for (var last = permits; last < arrivals.Count; last++)
                    Assert.InRange(Stopwatch.GetElapsedTime(arrivals[last - permits], arrivals[last]), window, TimeSpan.MaxValue);
        }
    }

    private static bool HasEnded(JsonElement run) => run.GetProperty("endedAt").ValueKind is JsonValueKind.String;

    private static int Number(JsonElement run, string name) => run.GetProperty(name).GetInt32();
}
