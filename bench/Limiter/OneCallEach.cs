using Sluice.RateLimiting;
using Sluice.RateLimiting.Redis;
using StackExchange.Redis;

namespace Sluice.Bench.Limiter;

/// <summary>The driver asked for one decision at a time, as limiters usually ask.</summary>
internal sealed class OneCallEach(RateLimitPolicy policy, IConnectionMultiplexer redis, string[] partitions)
{
    private readonly IDatabase database = redis.GetDatabase();
    private readonly RedisScript script = new ScriptLibrary().Driver(policy);
    private readonly RedisKey[][] keys =
        [.. partitions.Select(partition => RedisLimitedKey.KeysOf(policy, partition))];

    public async ValueTask<bool> AcquireAsync(int partition)
    {
        var answer = (byte[]?)await script.EvaluateAsync(database, keys[partition], [Question()], TimeSpan.FromSeconds(10), TimeProvider.System);
        return answer is not null;
    }

    private byte[] Question()
    {
        var numbers = new Doubles(6 + 3 * policy.Tiers.Count);
        numbers.Write(1);
        numbers.Write(policy);
        numbers.Write(1);
        numbers.Write(1);
        numbers.Write(1);
        numbers.Write(1);
        numbers.Write(0);
        return numbers.Bytes;
    }
}
