using StackExchange.Redis;

namespace Sluice.RateLimiting;

/// <summary>Where an account's ledger is in Redis: state, permits in flight, completions; in one slot of a cluster.</summary>
internal static class LedgerKeys
{
    public static RedisKey[] Of(LedgerAccount account) => [$"pl:{{{account.Name}}}:state", $"pl:{{{account.Name}}}:flight", $"pl:{{{account.Name}}}:done"];
}
