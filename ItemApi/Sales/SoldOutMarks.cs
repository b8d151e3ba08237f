using Sluice.Contracts;
using StackExchange.Redis;

namespace Sluice.ItemApi.Sales;

/// <summary>
/// What workers have found sold out, from Redis: the version of the inventory at which there was nothing left. A mark counts against what is
/// known from PostgreSQL by that version, so that one that comes late, or survives a restock, hurts nobody. Without Redis there are none.
/// </summary>
internal sealed class SoldOutMarks(IConnectionMultiplexer redis, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>The versions by SKU; null where Redis does not answer, or holds something else there.</summary>
    public async Task<Dictionary<string, long>?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var marks = await redis.GetDatabase().HashGetAllAsync(SoldOut.Key).WaitAsync(Patience, time, cancellationToken);
            return marks.ToDictionary(mark => (string)mark.Name!, mark => (long)mark.Value, StringComparer.Ordinal);
        }
        catch (Exception e) when (e is RedisException or TimeoutException or InvalidCastException)
        {
            return null;
        }
    }

    public async Task ClearAsync(string sku)
    {
        try
        {
            await redis.GetDatabase().HashDeleteAsync(SoldOut.Key, sku).WaitAsync(Patience, time);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            // It stays, and is older than what PostgreSQL tells, or will be cleared later.
        }
    }
}
