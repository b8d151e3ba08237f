using System.Diagnostics;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using StackExchange.Redis;

namespace Sluice.Hosting.Tests.Running;

public sealed class ServerTests
{
    [Fact]
    public async Task A_server_takes_the_password_that_a_parameter_gives_and_is_empty_after_a_restart()
    {
        await using var cluster = await ClusterUnderTest.StartAsync(
            builder => builder.AddRedis("cache", password: builder.AddParameter("cache-key", secret: true)),
            "--Parameters:cache-key=correct-horse");
        await cluster.HealthyAsync("cache");

        var connectionString = await cluster.App.GetConnectionStringAsync("cache", TestContext.Current.CancellationToken);
        Assert.EndsWith(",password=correct-horse", connectionString, StringComparison.Ordinal);
        using (var redis = await ConnectionMultiplexer.ConnectAsync(connectionString!))
            Assert.True(await redis.GetDatabase().StringSetAsync("k", "v"));

        await cluster.App.ResourceCommands.ExecuteCommandAsync("cache", KnownResourceCommands.RestartCommand, TestContext.Current.CancellationToken);
        await cluster.HealthyAsync("cache");

        using var again = await ConnectionMultiplexer.ConnectAsync(connectionString!);
        Assert.False(await again.GetDatabase().KeyExistsAsync("k"));
    }

    [Fact]
    public async Task A_database_comes_back_with_its_server_also_when_that_was_killed()
    {
        await using var cluster = await ClusterUnderTest.StartAsync(builder => builder.AddPostgres("postgres").AddDatabase("shop"));
        await cluster.HealthyAsync("shop");

        using (var server = Process.GetProcessById(ClusterUnderTest.PidOf(cluster.Now("postgres"))))
            server.Kill();
        await cluster.ReachesAsync("shop", KnownResourceStates.Exited);
        await cluster.ReachesAsync("postgres", KnownResourceStates.Exited);

        await cluster.App.ResourceCommands.ExecuteCommandAsync("postgres", KnownResourceCommands.StartCommand, TestContext.Current.CancellationToken);
        await cluster.ReachesAsync("shop", KnownResourceStates.Running);
    }

    [Fact]
    public async Task The_brokers_web_interface_answers_where_it_is_asked_for()
    {
        await using var cluster = await ClusterUnderTest.StartAsync(builder => builder.AddRabbitMQ("broker").WithManagementPlugin());
        await cluster.HealthyAsync("broker");

        using var client = cluster.App.CreateHttpClient("broker", "management");
        Assert.Contains("RabbitMQ Management", await client.GetStringAsync("/", TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_name_is_refused_before_anything_starts()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create();
        var user = builder.AddParameter("user", "someone");
        Assert.Throws<NotSupportedException>(() => builder.AddPostgres("postgres", userName: user));
        Assert.Throws<NotSupportedException>(() => builder.AddRabbitMQ("broker", userName: user));
    }
}
