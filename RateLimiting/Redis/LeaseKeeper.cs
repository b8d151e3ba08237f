using System.Globalization;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Sluice.RateLimiting.Redis;

/// <summary>Names the leases that this process holds, renews them while they are held, and returns them. Thread-safe.</summary>
internal sealed partial class LeaseKeeper(RateLimitStore store, ScriptLibrary scripts, TimeProvider time, ILogger<RateLimitStore> logger)
{
    private readonly string process = Guid.NewGuid().ToString("N");
    private long names;

    /// <summary>What the names of leases begin with that one script call grants.</summary>
    public string NewName() => string.Create(CultureInfo.InvariantCulture, $"{process}:{Interlocked.Increment(ref names)}:");

    public IAsyncDisposable Hold(RedisLimitedKey key, string name, int units) => new RedisLease(this, key, name, units);

    /// <summary>Told when a lease of the key has been returned, by whichever process.</summary>
    public static RedisChannel ChannelOf(LimitedKey key) => RedisChannel.Literal($"rl:{{{key.Policy.Name}:{key.Partition}}}:returned");

    /// <summary>Ends the lease, and wakes who waits for one.</summary>
    public async ValueTask ReturnAsync(RedisLimitedKey key, RedisKey[] keys, RedisValue[] members)
    {
        try
        {
            RedisValue channel = (string)ChannelOf(key)!;
            await store.RunAsync(scripts.Single("lease_return.lua"), keys, [channel, .. members]).ConfigureAwait(false);
        }
        catch (RateLimitStoreException exception)
        {
            LogNotReturned(key.Policy.Name, exception.Message);
        }
    }

    /// <returns>False where the lease has ended while it was held.</returns>
    public async Task<bool> TryRenewAsync(RedisKey[] keys, RedisValue[] windows, RedisValue[] members)
    {
        try
        {
            return (long)await store.RunAsync(scripts.Single("lease_renew.lua"), keys, [.. windows, .. members]).ConfigureAwait(false) == 1;
        }
        catch (RateLimitStoreException)
        {
            // Redis is away, which is known. The next renewal may come in time.
            return true;
        }
    }

    public ITimer NewTimer(TimerCallback callback, TimeSpan interval) => time.CreateTimer(callback, null, interval, interval);

    [LoggerMessage(4, LogLevel.Warning, "A lease of policy {Policy} ended while it was held: the key was reset, or it was not renewed in time", EventName = "LeaseLost")]
    public partial void LogLost(string policy);

    [LoggerMessage(3, LogLevel.Information, "A lease of policy {Policy} could not be returned and ends by itself: {Reason}", EventName = "LeaseNotReturned")]
    private partial void LogNotReturned(string policy, string reason);
}
