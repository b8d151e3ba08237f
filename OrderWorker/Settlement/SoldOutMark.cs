using Sluice.Contracts;
using StackExchange.Redis;

namespace Sluice.OrderWorker.Settlement;

/// <summary>Tells the intake in Redis that a SKU is sold out, so that it refuses at once. It is advice: nobody waits for it, or misses it for long.</summary>
internal sealed class SoldOutMark(IConnectionMultiplexer redis)
{
    public void Set(string sku, long version)
    {
        try
        {
            redis.GetDatabase().HashSet(SoldOut.Key, sku, version, When.Always, CommandFlags.FireAndForget);
        }
        catch (RedisException)
        {
            // The intake learns it from PostgreSQL.
        }
    }
}
