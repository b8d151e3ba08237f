using Sluice.Testing;
using StackExchange.Redis;

namespace Sluice.Gateway.Tests;

internal static class RedisKeys
{
    public static async Task<IReadOnlyList<string>> OfAsync(RedisServer redis)
    {
        using var admin = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString + ",allowAdmin=true");
        return [.. ((string[])(await admin.GetDatabase().ExecuteAsync("KEYS", "rl:*"))!).Order(StringComparer.Ordinal)];
    }
}
