using System.Net.Http.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;

namespace Sluice.Hosting.Tests.Running;

public sealed class ProjectTests
{
    private static string Samples => Path.GetFullPath("..", Projects.SampleHost.ProjectPath);

    [Fact]
    public void Referenced_projects_become_classes()
    {
        var echo = (IProjectMetadata)Activator.CreateInstance(typeof(Projects.SampleHost).Assembly.GetType("Projects.Echo", throwOnError: true)!)!;
        Assert.Equal(Path.Combine(Samples, "Echo", "Echo.csproj"), echo.ProjectPath);
    }

    [Fact]
    public async Task A_project_that_is_not_referenced_is_built_and_gets_its_launch_profile()
    {
        await using var cluster = await ClusterUnderTest.StartAsync(builder => builder.AddProject("lone", Path.Combine(Samples, "Lone", "Lone.csproj")).WithArgs("three"));

        await cluster.SaysAsync("lone", "profiled one two three");
        var lone = await cluster.ReachesAsync("lone", KnownResourceStates.Exited);

        Assert.Equal(0, lone.Snapshot.ExitCode);
    }

    [Fact]
    public async Task A_project_that_is_not_there_is_named()
    {
        await using var cluster = await ClusterUnderTest.StartAsync(builder => builder.AddProject("ghost", "/no/such/Ghost.csproj"));
        var ghost = await cluster.ReachesAsync("ghost", KnownResourceStates.FailedToStart);
        Assert.Equal("there is no project /no/such/Ghost.csproj", ghost.Snapshot.Reason);
    }

    [Fact]
    public async Task Says_why_a_project_ended_while_it_started()
    {
        await using var cluster = await ClusterUnderTest.StartAsync(builder => Echo(builder).WithEnvironment("Echo__Fault", "Limits: permits must be positive"));
        var e = await Assert.ThrowsAsync<DistributedApplicationException>(() => cluster.HealthyAsync("echo"));
        Assert.Contains("Limits: permits must be positive", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replica_that_is_killed_leaves_the_others_alone()
    {
        await using var cluster = await ClusterUnderTest.StartAsync(builder => Echo(builder).WithReplicas(2));
        await cluster.HealthyAsync("echo");

        using (var replica = System.Diagnostics.Process.GetProcessById(ClusterUnderTest.PidOf(cluster.Now("echo-1"))))
            replica.Kill();
        var killed = await cluster.ReachesAsync("echo", KnownResourceStates.Exited);

        Assert.Equal(("echo-1", 137), (killed.ResourceId, killed.Snapshot.ExitCode));
        using var client = cluster.App.CreateHttpClient("echo");
        Assert.True((await client.GetAsync("/health", TestContext.Current.CancellationToken)).IsSuccessStatusCode);
    }

    [Fact]
    public async Task Runs_in_its_folder_with_the_arguments_it_is_given_and_exports_where_it_is_told()
    {
        await using var cluster = await ClusterUnderTest.StartAsync(
            builder => Echo(builder).WithArgs("--Name=x y", "$HOME"),
            "--ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL=http://localhost:18890", "--AppHost:OtlpApiKey=k");
        await cluster.HealthyAsync("echo");

        using var client = cluster.App.CreateHttpClient("echo");
        Assert.Equal(["--Name=x y", "$HOME"], (await client.GetFromJsonAsync<string[]>("/arguments", TestContext.Current.CancellationToken))!);
        var environment = (await client.GetFromJsonAsync<Dictionary<string, string>>("/environment", TestContext.Current.CancellationToken))!;
        Assert.Equal(Path.Combine(Samples, "Echo"), environment["PWD"]);
        Assert.Equal("http://localhost:18890", environment["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        Assert.Equal("http/protobuf", environment["OTEL_EXPORTER_OTLP_PROTOCOL"]);
        Assert.Equal("x-otlp-api-key=k", environment["OTEL_EXPORTER_OTLP_HEADERS"]);
    }

    private static IResourceBuilder<ProjectResource> Echo(IDistributedApplicationBuilder builder) => builder
        .AddProject("echo", Path.Combine(Samples, "Echo"))
        .WithHttpEndpoint()
        .WithHttpHealthCheck("/health");
}
