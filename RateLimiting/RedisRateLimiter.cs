using System.Collections.Concurrent;
using System.Collections.Frozen;
using Microsoft.Extensions.Options;
using Sluice.RateLimiting.Redis;

namespace Sluice.RateLimiting;

/// <summary>
/// A distributed rate limiter: all processes that share a Redis share its limits, on Redis's clock alone. Every tier of a policy is
/// charged or none, in one script call; calls for one key that this process makes at the same time travel in one round trip and are
/// decided first come, first served. Thread-safe.
/// </summary>
public sealed class RedisRateLimiter
{
    private readonly ConcurrentDictionary<QueueKey, KeyQueue> queues = new();
    private readonly FrozenDictionary<string, RateLimitPolicy> policies;
    private readonly RateLimitStore store;

    internal RedisRateLimiter(IOptions<RateLimitOptions> options, RateLimitStore store)
    {
        this.store = store;
        policies = options.Value.Policies.ToFrozenDictionary(
            policy => policy.Key, policy => new RateLimitPolicy(policy.Key, policy.Value), StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The policies in force.</summary>
    public IReadOnlyCollection<RateLimitPolicy> Policies => policies.Values;

    /// <summary>The policy of a name, whose case doesn't matter; null where there is none.</summary>
    public RateLimitPolicy? FindPolicy(string name) => policies.GetValueOrDefault(name);

    /// <inheritdoc cref="FindPolicy"/>
    /// <exception cref="ArgumentException">There is none.</exception>
    public RateLimitPolicy GetPolicy(string name) => FindPolicy(name)
        ?? throw new ArgumentException($"There is no policy '{name}'. There are: {string.Join(", ", policies.Keys.Order(StringComparer.Ordinal))}.", nameof(name));

    /// <summary>
    /// Asks once whether a call may proceed, and charges it if so. Doesn't wait for permits, and for Redis no longer than
    /// <see cref="RateLimitOptions.StoreTimeout"/>; then the policy's <see cref="PolicyOptions.OnStoreFailure"/> decides.
    /// </summary>
    /// <param name="policy">The policy's name.</param>
    /// <param name="partition">Who is counted; any text.</param>
    /// <param name="permits">At least 1; each takes the policy's <see cref="PolicyOptions.Cost"/> from every tier.</param>
    /// <param name="cancellationToken">Checked before anything is charged. A call under way is not given up: its answer is near.</param>
    /// <exception cref="ArgumentException">There is no such policy.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one permit, or more than the smallest tier ever has.</exception>
    public ValueTask<RateLimitDecision> AcquireAsync(string policy, string partition, int permits = 1, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(partition);
        var found = GetPolicy(policy);
        ArgumentOutOfRangeException.ThrowIfLessThan(permits, 1);
        if ((long)permits * found.Cost > found.Capacity)
        {
            throw new ArgumentOutOfRangeException(nameof(permits), permits,
                $"{permits} permits of policy '{found.Name}' cost {(long)permits * found.Cost} units; its smallest tier never has more than {found.Capacity}.");
        }

        cancellationToken.ThrowIfCancellationRequested();
        var call = store.NewCall(permits * found.Cost);
        var key = new QueueKey(found, partition);
        while (!queues.GetOrAdd(key, static (key, limiter) => new KeyQueue(limiter.store, key, limiter.Retire), this).TryAdd(call))
        {
            // It retired in between, and is removed by whoever drained it.
        }

        return call.Decision;
    }

    private void Retire(KeyQueue queue) => queues.TryRemove(KeyValuePair.Create(queue.Key, queue));
}
