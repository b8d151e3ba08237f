using Aspire.Hosting.Testing;
using Sluice.Testing;

namespace Sluice.Hosting.Tests;

/// <summary>The sample AppHost with its servers, borrowed once for all tests that only look.</summary>
public sealed class SampleCluster : IAsyncLifetime
{
    public const int FrontPort = 18081;

    private ClusterUnderTest cluster = null!;

    public Aspire.Hosting.DistributedApplication App => cluster.App;

    internal ClusterUnderTest Cluster => cluster;

    public async ValueTask InitializeAsync()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.SampleHost>([$"--Front:Port={FrontPort}"], Deadline.Token());
        cluster = await ClusterUnderTest.StartAsync(builder);
        await cluster.HealthyAsync("front");
    }

    public ValueTask DisposeAsync() => cluster?.DisposeAsync() ?? ValueTask.CompletedTask;
}
