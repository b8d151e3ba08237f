using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration;
using Microsoft.Extensions.DependencyInjection;

namespace Sluice.Hosting.Tests.Running;

public sealed class LifeTests
{
    [Fact]
    public async Task Waits_for_completion_and_for_the_exit_code_that_was_asked_for()
    {
        await using var cluster = await ClusterUnderTest.StartAsync(builder =>
        {
            var seed = builder.AddExecutable("seed", "sh", "/", "-c", "trap 'echo seeded; exit 5' USR1; echo ready; while :; do sleep 0.05; done");
            builder.AddExecutable("service", "sh", "/", "-c", "sleep 1000").WaitForCompletion(seed, exitCode: 5);
        });
        var seed = await cluster.ReachesAsync("seed", KnownResourceStates.Running);
        await cluster.SaysAsync("seed", "ready");
        await cluster.SaysAsync("service", "waits for seed");

        ProcessTree.Signal(ClusterUnderTest.PidOf(seed.Snapshot), "USR1");
        await cluster.HealthyAsync("service");

        Assert.Equal(KnownResourceStates.Exited, cluster.Now("seed").State?.Text);
        Assert.Equal(5, cluster.Now("seed").ExitCode);
        await cluster.SaysAsync("seed", "seeded");
    }

    [Fact]
    public async Task Says_whom_it_waited_for_when_that_one_failed()
    {
        await using var cluster = await ClusterUnderTest.StartAsync(builder =>
        {
            var seed = builder.AddExecutable("seed", "sh", "/", "-c", "exit 1");
            var service = builder.AddExecutable("service", "sh", "/").WaitForCompletion(seed);
            builder.AddExecutable("last", "sh", "/").WaitFor(service);
        });

        var last = await cluster.ReachesAsync("last", KnownResourceStates.FailedToStart);

        Assert.Contains("it waits for 'service'", last.Snapshot.Reason, StringComparison.Ordinal);
        Assert.Contains("it waits for 'seed'", last.Snapshot.Reason, StringComparison.Ordinal);
        Assert.Contains("exit code 1, expected was 0", last.Snapshot.Reason, StringComparison.Ordinal);
        await cluster.SaysAsync("last", "failed to start: it waits for 'service'");
    }

    [Fact]
    public async Task Says_why_a_program_did_not_become_healthy()
    {
        await using var cluster = await ClusterUnderTest.StartAsync(builder => builder
            .AddExecutable("service", "sh", "/", "-c", "echo RateLimiting:Permits must be positive >&2; exit 3")
            .WithHttpEndpoint()
            .WithHttpHealthCheck("/health"));

        var e = await Assert.ThrowsAsync<DistributedApplicationException>(() => cluster.HealthyAsync("service"));

        Assert.Contains("exit code 3", e.Message, StringComparison.Ordinal);
        Assert.Contains("RateLimiting:Permits must be positive", e.Message, StringComparison.Ordinal);
        Assert.Equal(KnownResourceStates.FailedToStart, cluster.Now("service").State?.Text);
    }

    [Theory]
    [InlineData("no-such-program-here", "/", "the program 'no-such-program-here' was not found")]
    [InlineData("sh", "/no/such/folder", "its working folder /no/such/folder does not exist")]
    public async Task Says_what_a_program_lacks(string command, string folder, string reason)
    {
        await using var cluster = await ClusterUnderTest.StartAsync(builder => builder.AddExecutable("service", command, folder));

        var failed = await cluster.ReachesAsync("service", KnownResourceStates.FailedToStart);

        Assert.Equal(reason, failed.Snapshot.Reason);
    }

    [Fact]
    public async Task Names_the_parameter_that_has_no_value()
    {
        await using var cluster = await ClusterUnderTest.StartAsync(builder => builder
            .AddExecutable("service", "sh", "/")
            .WithEnvironment("KEY", builder.AddParameter("key", secret: true)));

        var failed = await cluster.ReachesAsync("service", KnownResourceStates.FailedToStart);

        Assert.Contains("configure Parameters:key", failed.Snapshot.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stops_and_restarts_on_command()
    {
        await using var cluster = await ClusterUnderTest.StartAsync(builder => builder.AddExecutable("service", "sh", "/", "-c", "exec sleep 1000"));
        var first = ClusterUnderTest.PidOf((await cluster.HealthyAsync("service")).Snapshot);

        await cluster.App.ResourceCommands.ExecuteCommandAsync("service", KnownResourceCommands.StopCommand, TestContext.Current.CancellationToken);
        Assert.Equal(KnownResourceStates.Exited, cluster.Now("service").State?.Text);

        await cluster.App.ResourceCommands.ExecuteCommandAsync("service", KnownResourceCommands.StartCommand, TestContext.Current.CancellationToken);
        var second = ClusterUnderTest.PidOf((await cluster.ReachesAsync("service", KnownResourceStates.Running)).Snapshot);
        Assert.NotEqual(first, second);

        var unknown = await cluster.App.ResourceCommands.ExecuteCommandAsync("service", "dance", TestContext.Current.CancellationToken);
        Assert.False(unknown.Success);
    }

    [Fact]
    public async Task Takes_down_what_a_program_has_started_too()
    {
        var cluster = await ClusterUnderTest.StartAsync(builder => builder
            .AddExecutable("service", "sh", "/", "-c", "sleep 1000 & echo child $!; wait"));
        var child = int.Parse((await cluster.SaysAsync("service", "child ")).Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        var alive = Assert.Single(ProcessTree.Of(child));

        await cluster.DisposeAsync();

        await ProcessTree.UntilGoneAsync([alive]);
    }

    [Fact]
    public async Task Kills_what_will_not_end_and_at_once_when_told_twice()
    {
        await using var cluster = await ClusterUnderTest.StartAsync(builder => builder
            .AddExecutable("stubborn", "sh", "/", "-c", "trap '' TERM; echo ready; while :; do sleep 1000; done"));
        await cluster.SaysAsync("stubborn", "ready");

        var stopping = cluster.App.StopAsync(TestContext.Current.CancellationToken);
        cluster.App.Services.GetRequiredService<Cluster>().Hurry();
        await stopping;

        Assert.Equal(137, cluster.Now("stubborn").ExitCode);
    }

    [Fact]
    public async Task Stops_those_that_waited_first()
    {
        const string tellWhenStopped = "trap 'date +%s%N; exit 0' TERM; echo ready; while :; do sleep 0.05; done";
        var cluster = await ClusterUnderTest.StartAsync(builder =>
        {
            var first = builder.AddExecutable("first", "sh", "/", "-c", tellWhenStopped);
            builder.AddExecutable("second", "sh", "/", "-c", tellWhenStopped).WaitFor(first);
        });
        await cluster.SaysAsync("first", "ready");
        await cluster.SaysAsync("second", "ready");

        await cluster.App.StopAsync(TestContext.Current.CancellationToken);

        Assert.True(long.Parse(await cluster.SaysAsync("second", "1"), System.Globalization.CultureInfo.InvariantCulture)
            < long.Parse(await cluster.SaysAsync("first", "1"), System.Globalization.CultureInfo.InvariantCulture));
        await cluster.DisposeAsync();
    }
}
