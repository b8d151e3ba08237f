using Npgsql;
using RabbitMQ.Client;
using Sluice.Testing;
using StackExchange.Redis;

namespace Sluice.Hosting.Tests.Servers;

public sealed class NativeServerTests
{
    [Fact]
    public async Task Redis_answers_with_its_password_and_is_empty_after_a_kill()
    {
        await using var server = await RedisServer.StartAsync(TestContext.Current.CancellationToken);
        using (var redis = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString))
            Assert.True(await redis.GetDatabase().StringSetAsync("k", "v"));

        await server.KillAsync().Within();
        await server.RestartAsync(TestContext.Current.CancellationToken);

        using var again = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        Assert.False(await again.GetDatabase().KeyExistsAsync("k"));
    }

    [Fact]
    public async Task Postgres_creates_databases_and_keeps_what_was_committed_over_a_kill()
    {
        await using var server = await PostgresServer.StartAsync(TestContext.Current.CancellationToken);
        var database = await server.CreateDatabaseAsync(cancellationToken: TestContext.Current.CancellationToken) + ";Pooling=false";
        await ExecuteAsync(database, "create table kept (x int); insert into kept values (42)");

        await server.KillAsync().Within();
        await server.RestartAsync(TestContext.Current.CancellationToken);

        Assert.Equal(42, await ExecuteAsync(database, "select x from kept"));
    }

    [Fact]
    public async Task RabbitMq_accepts_its_account_and_starts_again_after_a_kill()
    {
        await using var server = await RabbitMqServer.StartAsync(TestContext.Current.CancellationToken);
        await ConnectAsync(server);

        await server.KillAsync().Within();
        await server.RestartAsync(TestContext.Current.CancellationToken);

        await ConnectAsync(server);
    }

    private static async Task ConnectAsync(RabbitMqServer server)
    {
        var factory = new ConnectionFactory { Uri = new Uri(server.ConnectionString) };
        await using var connection = await factory.CreateConnectionAsync(TestContext.Current.CancellationToken);
        Assert.True(connection.IsOpen);
    }

    private static async Task<object?> ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }
}
