using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration;
using Aspire.Hosting.Testing;
using Npgsql;

namespace Sluice.Hosting.Tests.Running;

public sealed class DataVolumeTests : IDisposable
{
    private readonly string volume = $"test-{Guid.NewGuid():N}";

    [Fact]
    public async Task Data_and_password_outlive_the_cluster_and_belong_to_one_at_a_time()
    {
        string? first;
        await using (var cluster = await StartAsync())
        {
            first = await cluster.App.GetConnectionStringAsync("shop", TestContext.Current.CancellationToken);
            await ExecuteAsync(first, "create table kept (x int); insert into kept values (42)");

            await using var second = await StartAsync();
            var refused = await second.ReachesAsync("postgres", KnownResourceStates.FailedToStart);
            Assert.Contains($"the data volume '{volume}' is in use", refused.Snapshot.Reason, StringComparison.Ordinal);
        }

        await using var again = await StartAsync();
        var connectionString = await again.App.GetConnectionStringAsync("shop", TestContext.Current.CancellationToken);
        await again.HealthyAsync("shop");

        Assert.Equal(42, await ExecuteAsync(connectionString, "select x from kept"));
        Assert.Equal(new NpgsqlConnectionStringBuilder(first).Password, new NpgsqlConnectionStringBuilder(connectionString).Password);
    }

    public void Dispose() => Directory.Delete(DataVolume.FolderOf(volume), recursive: true);

    private async Task<ClusterUnderTest> StartAsync()
    {
        var cluster = await ClusterUnderTest.StartAsync(builder => builder.AddPostgres("postgres").WithDataVolume(volume).AddDatabase("shop"));
        await cluster.States.WaitForResourceAsync("shop", update => update.Snapshot is { IsHealthy: true } or { IsTerminal: true }, TestContext.Current.CancellationToken);
        return cluster;
    }

    private static async Task<object?> ExecuteAsync(string? connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }
}
