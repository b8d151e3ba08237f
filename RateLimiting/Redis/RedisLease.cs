using System.Globalization;
using StackExchange.Redis;

namespace Sluice.RateLimiting.Redis;

/// <summary>Units of a tier that counts concurrency, in use until this is disposed of. Thread-safe.</summary>
internal sealed class RedisLease : IAsyncDisposable
{
    /// <summary>So often in its window it is renewed: one or two answers may be lost.</summary>
    private const int RenewalsPerWindow = 3;

    private static readonly TimeSpan MaxInterval = TimeSpan.FromHours(1);

    private readonly LeaseKeeper keeper;
    private readonly RedisLimitedKey key;
    private readonly RedisKey[] keys;
    private readonly RedisValue[] members;
    private readonly RedisValue[] windows;
    private readonly ITimer renewal;
    private int isReturned;

    /// <param name="keeper">Renews and returns it.</param>
    /// <param name="key">Whose lease.</param>
    /// <param name="name">What the names of its units begin with.</param>
    /// <param name="units">How many.</param>
    public RedisLease(LeaseKeeper keeper, RedisLimitedKey key, string name, int units)
    {
        (this.keeper, this.key) = (keeper, key);
        var tiers = key.Policy.Tiers.Where(tier => tier.Algorithm == RateLimitAlgorithm.Concurrency).ToList();
        keys = [.. tiers.Select(tier => RedisLimitedKey.LeasesOf(key.Policy, key.Partition, tier))];
        windows = [.. tiers.Select(tier => (RedisValue)tier.WindowMicroseconds)];
        members = [.. Enumerable.Range(1, units).Select(unit => (RedisValue)string.Create(CultureInfo.InvariantCulture, $"{name}{unit}"))];
        var interval = tiers.Min(tier => tier.Window) / RenewalsPerWindow;
        renewal = keeper.NewTimer(_ => _ = RenewAsync(), interval < MaxInterval ? interval : MaxInterval);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref isReturned, 1) == 1)
            return;
        await renewal.DisposeAsync().ConfigureAwait(false);
        await keeper.ReturnAsync(key, keys, members).ConfigureAwait(false);
    }

    private async Task RenewAsync()
    {
        if (await keeper.TryRenewAsync(keys, windows, members).ConfigureAwait(false) || Volatile.Read(ref isReturned) == 1)
            return;
        await renewal.DisposeAsync().ConfigureAwait(false);
        keeper.LogLost(key.Policy.Name);
    }
}
