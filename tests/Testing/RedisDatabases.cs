using System.Threading.Channels;
using StackExchange.Redis;

namespace Sluice.Testing;

/// <summary>The numbered databases of a Redis, each for one holder at a time. Thread-safe.</summary>
internal sealed class RedisDatabases
{
    /// <summary>As many as a Redis has unless it is told otherwise; number 0 is everybody's.</summary>
    private const int Count = 16;

    private readonly Channel<int> free = Channel.CreateUnbounded<int>();

    public RedisDatabases()
    {
        for (var number = 1; number < Count; number++)
            free.Writer.TryWrite(number);
    }

    /// <summary>Waits for a database that nobody holds, and empties it.</summary>
    public async Task<RedisDatabase> LeaseAsync(string server, CancellationToken cancellationToken)
    {
        var number = await free.Reader.ReadAsync(cancellationToken);
        var database = new RedisDatabase($"{server},defaultDatabase={number}", () => free.Writer.TryWrite(number));
        try
        {
            using var redis = await ConnectionMultiplexer.ConnectAsync(database.ConnectionString + ",allowAdmin=true,connectTimeout=60000,asyncTimeout=60000");
            await redis.GetDatabase().ExecuteAsync("FLUSHDB");
            return database;
        }
        catch
        {
            // Else the tests that come later wait for it for ever.
            database.Dispose();
            throw;
        }
    }
}

/// <summary>A Redis database that is the holder's alone until it is disposed.</summary>
public sealed class RedisDatabase(string connectionString, Action free) : IDisposable
{
    public string ConnectionString { get; } = connectionString;

    public void Dispose() => free();
}
