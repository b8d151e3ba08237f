using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Sluice.Testing;
using StackExchange.Redis;

namespace Sluice.ServiceDefaults.Tests;

public sealed class RedisStoreTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("p=w$1")]
    [InlineData("-Aa9;/+%&{}\"'")]
    public async Task A_password_may_hold_special_characters(string password)
    {
        await using var server = await RedisServer.StartAsync(Deadline.Token());
        using (var admin = Connect($"{server.ConnectionString},allowAdmin=true"))
        {
            var database = await ConnectedAsync(admin);
            await database.ExecuteAsync("CONFIG", "SET", "requirepass", password).Within();
        }

        using var services = Connect($"{server.ConnectionString.Split(',')[0]},password={password}");
        Assert.True(await (await ConnectedAsync(services)).StringSetAsync("key", "value").Within());
    }

    [Theory]
    [InlineData("127.0.0.1:9", 2000)]
    [InlineData("127.0.0.1:9,connectTimeout=300", 300)]
    public void A_start_waits_for_redis_as_long_as_the_connection_string_says_or_two_seconds(string connectionString, int milliseconds)
    {
        using var services = Connect(connectionString);
        Assert.Equal(milliseconds, ConfigurationOptions.Parse(services.GetRequiredService<IConnectionMultiplexer>().Configuration).ConnectTimeout);
    }

    [Fact]
    public async Task A_client_made_while_redis_is_away_works_when_redis_is_back_and_after_another_restart()
    {
        await using var server = await RedisServer.StartAsync(Deadline.Token());
        await server.KillAsync();
        using var services = Connect(server.ConnectionString);
        var database = services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();
        for (var restart = 0; restart < 2; restart++)
        {
            await server.RestartAsync(Cancellation);
            await Deadline.UntilAsync(() => AnswersAsync(database), "Redis back", cancellationToken: Cancellation);
            await server.KillAsync();
            Assert.False(await AnswersAsync(database));
        }
    }

    [Fact]
    public async Task While_redis_is_away_a_question_fails_at_once()
    {
        await using var server = await RedisServer.StartAsync(Deadline.Token());
        using var services = Connect(server.ConnectionString);
        var redis = (await ConnectedAsync(services)).Multiplexer;

        await server.KillAsync();
        await Deadline.UntilAsync(() => Task.FromResult(!redis.IsConnected), "Redis is missed", cancellationToken: Cancellation);

        // Already: nobody is kept waiting for a connection that may come back.
        var question = Record.ExceptionAsync(() => redis.GetDatabase().PingAsync());
        Assert.True(question.IsCompleted);
        Assert.IsType<RedisConnectionException>(await question);
    }

    [Fact]
    public async Task A_lost_redis_is_looked_for_several_times_a_second()
    {
        await using var server = await RedisServer.StartAsync(Deadline.Token());
        await using var other = await RedisServer.StartAsync(Deadline.Token());
        using var services = Connect(server.ConnectionString);
        // Left to itself a client does so once a second, even if it may at any time.
        using var eager = await ConnectionMultiplexer.ConnectAsync(other.ConnectionString, static options => options.ReconnectRetryPolicy = new LinearRetry(100));
        await ConnectedAsync(services);

        await server.KillAsync();
        await other.KillAsync();
        using Knocks knocks = new(server.ConnectionString), eagerKnocks = new(other.ConnectionString);
        await Deadline.UntilAsync(() => Task.FromResult(knocks.Count >= 20), "20 attempts to connect", cancellationToken: Cancellation);

        Assert.InRange(eagerKnocks.Count, 0, 15);
    }

    // A client whose start took too long finds its server later.
    private static async Task<IDatabase> ConnectedAsync(ServiceProvider services)
    {
        var database = services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();
        await Deadline.UntilAsync(() => AnswersAsync(database), "Redis answers", cancellationToken: Cancellation);
        return database;
    }

    private static async Task<bool> AnswersAsync(IDatabase database)
    {
        try
        {
            await database.PingAsync().WaitAsync(TimeSpan.FromSeconds(5), Cancellation);
            return true;
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            return false;
        }
    }

    private static ServiceProvider Connect(string connectionString)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration["ConnectionStrings:cache"] = connectionString;
        builder.AddServiceDefaults();
        builder.AddRedisStore("cache");
        return builder.Services.BuildServiceProvider();
    }

    /// <summary>Stands where a Redis was, and counts who comes.</summary>
    private sealed class Knocks : IDisposable
    {
        private readonly TcpListener listener;
        private int count;

        public Knocks(string connectionString)
        {
            listener = new TcpListener(IPEndPoint.Parse(connectionString.Split(',')[0]));
            listener.Start();
            _ = CountAsync();
        }

        public int Count => Volatile.Read(ref count);

        public void Dispose() => listener.Dispose();

        private async Task CountAsync()
        {
            while (true)
            {
                try
                {
                    using var client = await listener.AcceptTcpClientAsync(Cancellation);
                    Interlocked.Increment(ref count);
                }
                catch (Exception exception) when (exception is SocketException or ObjectDisposedException or OperationCanceledException)
                {
                    return;
                }
            }
        }
    }
}
